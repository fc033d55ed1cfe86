# Welch's t.test; Hedges' g with limits by effectsize and, closer, by uniroot on
# the noncentral t; Brunner-Munzel from three rankings (Neubert & Brunner, 2007)
# with an interval on the logit scale. Grades cut at the mean, and small groups.
source(file.path("tests", "reference", "common_groups.R"))
suppressPackageStartupMessages(library(effectsize))

# Under which noncentrality does a part `p` lie below t?
noncentrality <- function(t, df, p) {
  miss <- function(ncp) suppressWarnings(pt(t, df, ncp)) - p
  uniroot(miss, t + c(-9, 9), tol = 1e-12, extendInt = "downX")$root
}

limits_of_g <- function(x, y) {
  df <- length(x) + length(y) - 2
  t <- unname(t.test(x, y, var.equal = TRUE)$statistic)
  j <- exp(lgamma(df / 2) - log(sqrt(df / 2)) - lgamma((df - 1) / 2))
  ncp <- c(noncentrality(t, df, 0.975), noncentrality(t, df, 0.025))
  ncp * j * sqrt(1 / length(x) + 1 / length(y))
}

brunner_munzel <- function(x, y) {
  n <- length(x)
  m <- length(y)
  all <- rank(c(x, y))
  own <- list(rank(x), rank(y))
  of_x <- all[seq_len(n)]
  of_y <- all[n + seq_len(m)]
  s_x <- sum((of_x - own[[1]] - mean(of_x) + (n + 1) / 2)^2) / (n - 1)
  s_y <- sum((of_y - own[[2]] - mean(of_y) + (m + 1) / 2)^2) / (m - 1)
  v <- c(n * s_x, m * s_y)
  statistic <- n * m * (mean(of_x) - mean(of_y)) / ((n + m) * sqrt(sum(v)))
  df <- sum(v)^2 / sum(v^2 / c(n - 1, m - 1))
  p <- (mean(of_x) - (n + 1) / 2) / m
  se <- sqrt(s_x / (n * m^2) + s_y / (m * n^2))
  ci <- plogis(qlogis(p) + c(-1, 1) * qt(0.975, df) * se / (p * (1 - p)))
  if (sum(v) == 0) statistic <- df <- se <- ci <- c(NA, NA)
  data.frame(
    superiority = p, superiority_low = ci[1], superiority_high = ci[2],
    statistic = statistic[1], df_ranks = df[1],
    p_brunner_munzel = 2 * pt(-abs(statistic[1]), df[1])
  )
}

one_row <- function(name, x, y) {
  welch <- t.test(x, y, conf.level = 0.95)
  g <- suppressWarnings(hedges_g(x, y, ci = 0.95))  # two values are no groups
  closer <- limits_of_g(x, y)
  data.frame(
    name = name, n_first = length(x), n_second = length(y),
    mean_first = mean(x), mean_second = mean(y),
    ci_low = welch$conf.int[1], ci_high = welch$conf.int[2],
    t = unname(welch$statistic), df = unname(welch$parameter), p_value = welch$p.value,
    hedges_g = g$Hedges_g, g_low = closer[1], g_high = closer[2],
    g_low_effectsize = g$CI_low, g_high_effectsize = g$CI_high,
    brunner_munzel(x, y)
  )
}

of_grades <- Map(function(competence, statement) {
  found <- cut_answers(competence, statement)
  one_row(paste(competence, statement), found$high, found$low)
}, pairs$competence, pairs$statement)
others <- Map(function(name, found) one_row(name, found$first, found$second),
              names(examples), examples)
write_reference(do.call(rbind, unname(c(of_grades, others))), "two_groups")
