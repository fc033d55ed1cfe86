# A team beside the others, per team and variable: a contrast in lm(x ~ team).
# ci_*, df:   the contrast of the team's mean and that of the others, each team of the
#             others by its answers; vcov(lm), no numbers of members
# fpc_*:      with numbers of members: the same spread, each side narrowed by its own
#             population factor, 0 in a census
# effect:     the difference over sigma(lm), times Hedges' exact J. For two teams that
#             is effectsize::hedges_g, which is asked here.
source(file.path("tests", "reference", "common.R"))

variables <- grep("^stelling|^cijfer", names(teams), value = TRUE)

hedges_j <- function(df) {
  exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)
}

# Squared population factor of a group; NA where nothing says how the rest differ.
factor_of <- function(team, variable, own) {
  answered <- (teams$team == team) == own & !is.na(teams[[variable]])
  asked <- if (own) team else unique(teams$team[teams$team != team])
  if (sum(answered) == sum(members[asked])) return(0)
  found <- left(teams$team, answered)
  if (found < 1e-12) NA else found
}

one_row <- function(team, variable) {
  known <- teams[!is.na(teams[[variable]]), ]
  known$x <- known[[variable]]
  n <- c(sum(known$team == team), sum(known$team != team))
  means <- c(mean(known$x[known$team == team]), mean(known$x[known$team != team]))
  out <- data.frame(
    team = team, variable = variable, n_team = n[1], n_others = n[2],
    difference = means[1] - means[2],
    ci_low = NA_real_, ci_high = NA_real_, df = NA_real_,
    fpc_low = NA_real_, fpc_high = NA_real_, effect = NA_real_
  )
  if (any(n == 0)) return(out)
  fit <- lm(x ~ 0 + team, data = known)
  if (fit$df.residual == 0 || sigma(fit) < 1e-12) return(out)
  sizes <- table(known$team)
  names(sizes) <- paste0("team", names(sizes))
  weight <- -as.numeric(sizes[names(coef(fit))]) / n[2]
  weight[names(coef(fit)) == paste0("team", team)] <- 1
  error <- sqrt(drop(t(weight) %*% vcov(fit) %*% weight))
  stopifnot(all.equal(sum(weight * coef(fit)), out$difference))
  out$df <- fit$df.residual
  out[c("ci_low", "ci_high")] <-
    out$difference + c(-1, 1) * qt(0.975, fit$df.residual) * error
  out$effect <- out$difference / sigma(fit) * hedges_j(fit$df.residual)
  squares <- c(factor_of(team, variable, TRUE), factor_of(team, variable, FALSE)) / n
  if (!anyNA(squares) && sum(squares) > 0) {
    half <- qt(0.975, fit$df.residual) * sigma(fit) * sqrt(sum(squares))
    out[c("fpc_low", "fpc_high")] <- out$difference + c(-1, 1) * half
  }
  out
}

two <- teams[teams$team %in% c("zes", "achttien") & !is.na(teams$stelling_1), ]
fit <- lm(stelling_1 ~ team, data = two)
g <- effectsize::hedges_g(stelling_1 ~ team, data = two)$Hedges_g
stopifnot(all.equal(abs(g), abs(coef(fit)[[2]]) / sigma(fit) * hedges_j(fit$df.residual)))

grid <- expand.grid(variable = variables, team = names(members),
                    stringsAsFactors = FALSE)
result <- do.call(rbind, Map(one_row, grid$team, grid$variable))
result$difference[is.nan(result$difference)] <- NA
write_reference(result, "team_difference")
