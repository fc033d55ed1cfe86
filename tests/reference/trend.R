# The change of a mean between two years, per team and for all together.
# ci_*, df, p:  no numbers of members. A team: the mean square within teams of each year
#               (sigma of lm(x ~ team)), joined as Welch does. All together: t.test.
# fpc_*:        with numbers of members: each year is narrowed by its own population
#               factor, 0 in a census, which then drops out of the degrees of freedom
#               (Satterthwaite).
# effect:       the change over the joint sd, times Hedges' exact J; of all together
#               that is effectsize::hedges_g, which is asked here.
source(file.path("tests", "reference", "common.R"))

later <- read_data("synthetic_later")
sizes <- read_data("synthetic_later_members")
years <- list(
  list(data = teams, members = members),
  list(data = later, members = setNames(sizes$members, sizes$team))
)
variables <- grep("^stelling", names(teams), value = TRUE)

hedges_j <- function(df) {
  exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)
}

# Answers of a group in a year, its spread with degrees of freedom, and the squared
# population factor: 0 in a census, NA where nothing says how the rest differ.
side <- function(year, team, variable) {
  data <- year$data
  data$x <- data[[variable]]
  known <- data[!is.na(data$x), ]
  asked <- if (team == "alle") unique(data$team) else team
  x <- known$x[known$team %in% asked]
  if (team == "alle") {
    spread <- c(sd(x), length(x) - 1)
  } else {
    fit <- lm(x ~ 0 + team, data = known)
    spread <- c(if (fit$df.residual > 0) sigma(fit) else NA, fit$df.residual)
  }
  part <- NA
  if (length(x) > 0 && length(x) == sum(year$members[asked])) {
    part <- 0
  } else if (length(x) > 0) {
    n_k <- table(factor(known$team, asked))
    part <- 1 - sum((n_k / length(x)) * (n_k / year$members[names(n_k)]))
    if (part < 1e-12) part <- NA
  }
  list(x = x, sd = spread[1], df = spread[2], part = part)
}

one_row <- function(team, variable) {
  before <- side(years[[1]], team, variable)
  after <- side(years[[2]], team, variable)
  out <- data.frame(
    group = team, variable = variable, n_before = length(before$x),
    n_after = length(after$x), change = mean(after$x) - mean(before$x),
    ci_low = NA_real_, ci_high = NA_real_, df = NA_real_, p_value = NA_real_,
    fpc_low = NA_real_, fpc_high = NA_real_, fpc_df = NA_real_, fpc_p = NA_real_,
    effect = NA_real_
  )
  n <- c(length(before$x), length(after$x))
  sds <- c(before$sd, after$sd)
  dfs <- c(before$df, after$df)
  if (any(n == 0) || anyNA(sds) || any(sds < 1e-12)) return(out)
  joint <- sqrt(sum(dfs * sds^2) / sum(dfs))
  out$effect <- out$change / joint * hedges_j(sum(dfs))
  limits <- function(errors) {
    sampled <- errors > 0
    df <- sum(errors)^2 / sum(errors[sampled]^2 / dfs[sampled])
    half <- qt(0.975, df) * sqrt(sum(errors))
    p <- 2 * pt(-abs(out$change) / sqrt(sum(errors)), df)
    c(out$change - half, out$change + half, df, p)
  }
  out[c("ci_low", "ci_high", "df", "p_value")] <- limits(sds^2 / n)
  if (team == "alle") {
    test <- t.test(after$x, before$x, conf.level = 0.95)
    stopifnot(
      all.equal(as.numeric(test$conf.int), as.numeric(out[c("ci_low", "ci_high")])),
      all.equal(as.numeric(test$parameter), out$df),
      all.equal(effectsize::hedges_g(after$x, before$x)$Hedges_g, out$effect)
    )
  }
  errors <- sds^2 / n * c(before$part, after$part)
  if (!anyNA(errors) && sum(errors) > 0) {
    out[c("fpc_low", "fpc_high", "fpc_df", "fpc_p")] <- limits(errors)
  }
  out
}

groups <- c(intersect(names(members), sizes$team), "alle")
grid <- expand.grid(variable = variables, group = groups, stringsAsFactors = FALSE)
result <- do.call(rbind, Map(one_row, grid$group, grid$variable))
result$change[is.nan(result$change)] <- NA
# "alle" above is everybody; the teams of both years together are checked by hand.
write_reference(result, "trend")

# The same people: t.test(paired = TRUE), on the teams in file order.
pairs <- merge(
  transform(teams, at = ave(seq_along(team), team, FUN = seq_along)),
  transform(later, at = ave(seq_along(team), team, FUN = seq_along)),
  by = c("team", "at"), suffixes = c("_before", "_after")
)
paired <- do.call(rbind, lapply(variables, function(variable) {
  gap <- pairs[[paste0(variable, "_after")]] - pairs[[paste0(variable, "_before")]]
  gap <- gap[!is.na(gap)]
  test <- t.test(gap)
  data.frame(variable = variable, n = length(gap), change = mean(gap), sd = sd(gap),
             ci_low = test$conf.int[1], ci_high = test$conf.int[2])
}))
write_reference(paired, "trend_paired")
