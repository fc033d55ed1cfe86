# A team beside the others, per team and variable.
# ci_*, df:   Welch's t.test and effectsize::hedges_g: no numbers of members
# fpc_*:      with numbers of members. The variance of the team's mean comes from
#             survey::svymean in a design of strata (teams) with fpc. That of the
#             others repeats the docstring of finite_population_factor (joint sd),
#             as no package has it. Degrees of freedom: Satterthwaite.
source(file.path("tests", "reference", "common.R"))
suppressPackageStartupMessages(library(survey))
# A stratum of one respondent has no variance of its own; it is not read here.
options(survey.lonely.psu = "remove")

variables <- grep("^stelling|^cijfer", names(teams), value = TRUE)

# Squared standard error of a group: 0 in a census, NA where it is not known.
squared_error <- function(team, variable, own) {
  answered <- teams$team == team
  if (!own) answered <- !answered
  answered <- answered & !is.na(teams[[variable]])
  x <- teams[answered, variable]
  asked <- if (own) team else unique(teams$team[teams$team != team])
  if (length(x) == sum(members[asked])) {
    return(0)
  }
  if (length(x) < 2 || sd(x) == 0) {
    return(NA)
  }
  if (!own) {
    return(var(x) / length(x) * left(teams$team, answered))
  }
  all <- teams[!is.na(teams[[variable]]), ]
  all$x <- all[[variable]]
  all$size <- members[all$team]
  design <- svydesign(ids = ~1, strata = ~team, fpc = ~size, data = all)
  as.numeric(vcov(svymean(~x, subset(design, team == asked))))
}

one_row <- function(team, variable) {
  own <- teams[teams$team == team, variable]
  other <- teams[teams$team != team, variable]
  own <- own[!is.na(own)]
  other <- other[!is.na(other)]
  out <- data.frame(
    team = team, variable = variable, n_team = length(own),
    n_others = length(other), difference = mean(own) - mean(other),
    ci_low = NA_real_, ci_high = NA_real_, df = NA_real_,
    fpc_low = NA_real_, fpc_high = NA_real_, effect = NA_real_
  )
  if (length(own) > 1) {
    # It warns that scores with two values might be groups; they are scores.
    out$effect <- suppressWarnings(effectsize::hedges_g(own, other))$Hedges_g
  }
  if (length(own) > 1 && sd(own) > 0) {
    test <- t.test(own, other, conf.level = 0.95)
    out[c("ci_low", "ci_high")] <- test$conf.int
    out$df <- test$parameter
  }
  errors <- c(squared_error(team, variable, TRUE),
              squared_error(team, variable, FALSE))
  if (!anyNA(errors) && sum(errors) > 0) {
    sampled <- errors > 0
    each <- (c(length(own), length(other)) - 1)[sampled]
    df <- sum(errors)^2 / sum(errors[sampled]^2 / each)
    half <- qt(0.975, df) * sqrt(sum(errors))
    out[c("fpc_low", "fpc_high")] <- out$difference + c(-1, 1) * half
  }
  out
}

grid <- expand.grid(variable = variables, team = names(members),
                    stringsAsFactors = FALSE)
result <- do.call(rbind, Map(one_row, grid$team, grid$variable))
result$difference[is.nan(result$difference)] <- NA
write_reference(result, "team_difference")
