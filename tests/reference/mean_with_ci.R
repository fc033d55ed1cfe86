# Mean, sd and t interval per group and variable.
# ci_*:     t.test, a sample of a large population
# fpc_*:    one team: survey::svymean with the team size as fpc;
#           all teams ("alle"): the formula in the docstring of
#           finite_population_factor, as no package has it in this form
source(file.path("tests", "reference", "common.R"))
suppressPackageStartupMessages(library(survey))

variables <- grep("^stelling|^cijfer", names(teams), value = TRUE)

one_row <- function(group, variable) {
  rows <- if (group == "alle") rep(TRUE, nrow(teams)) else teams$team == group
  x <- teams[rows, variable]
  team <- teams$team[rows]
  ok <- !is.na(x)
  x <- x[ok]
  out <- data.frame(
    group = group, variable = variable, n = length(x),
    mean = if (length(x)) mean(x) else NA_real_,
    sd = if (length(x) > 1) sd(x) else NA_real_,
    ci_low = NA_real_, ci_high = NA_real_, fpc_low = NA_real_, fpc_high = NA_real_
  )
  if (length(x) < 2 || sd(x) == 0) {
    return(out)
  }
  out[c("ci_low", "ci_high")] <- t.test(x, conf.level = 0.95)$conf.int
  census <- length(x) == sum(members[unique(team)])
  if (census) {
    return(out)
  }
  if (group == "alle") {
    half <- qt(0.975, length(x) - 1) * sd(x) / sqrt(length(x)) *
      sqrt(left(teams$team, rows & !is.na(teams[[variable]])))
    out[c("fpc_low", "fpc_high")] <- mean(x) + c(-1, 1) * half
  } else {
    sample <- data.frame(x = x, size = members[[group]])
    design <- svydesign(ids = ~1, fpc = ~size, data = sample)
    out[c("fpc_low", "fpc_high")] <-
      confint(svymean(~x, design), level = 0.95, df = degf(design))
  }
  out
}

grid <- expand.grid(variable = variables, group = c(names(members), "alle"),
                    stringsAsFactors = FALSE)
result <- do.call(rbind, Map(one_row, grid$group, grid$variable))
write_reference(result, "mean_with_ci")
