# Every statement on every grade: proportional odds by ordinal::clm, and again by
# MASS::polr (by glm for two answers); standard errors of clm, of clusters
# (sandwich) and of the cluster jackknife. The linear form of that has no package
# for ordered answers: R repeats it in its own words, with numDeriv.
source(file.path("tests", "reference", "common.R"))
suppressPackageStartupMessages({
  library(MASS)
  library(ordinal)
  library(sandwich)
  library(numDeriv)
})

answers <- read_data("synthetic_ordinal")
grades <- grep("^cijfer", names(answers), value = TRUE)
statements <- setdiff(names(answers), c("team", grades))

again <- function(rows) {
  if (nlevels(rows$answer) == 2) {
    strict <- list(epsilon = 1e-14)
    return(glm(answer ~ mark, family = binomial, data = rows, control = strict))
  }
  polr(answer ~ mark, data = rows, control = list(reltol = 1e-15, maxit = 1000))
}

# Derivatives of the log-likelihood to the slope and the thresholds.
gradient <- function(parameters, answer, mark) {
  edges <- c(-Inf, parameters[-1], Inf)
  shift <- parameters[1] * mark
  upper <- edges[answer + 1] - shift
  lower <- edges[answer] - shift
  chance <- plogis(upper) - plogis(lower)
  at_upper <- outer(answer, seq_along(parameters[-1]), "==") * dlogis(upper) / chance
  at_lower <- outer(answer - 1, seq_along(parameters[-1]), "==") * dlogis(lower) / chance
  c(-sum(mark * (dlogis(upper) - dlogis(lower)) / chance), colSums(at_upper - at_lower))
}

jackknife <- function(rows, estimate) {
  answer <- as.integer(rows$answer)
  steps <- sapply(unique(rows$team), function(team) {
    rest <- rows$team != team
    part <- function(p) gradient(p, answer[rest], rows$mark[rest])
    -(ginv(jacobian(part, estimate)) %*% part(estimate))[1]
  })
  g <- length(steps)
  sqrt((g - 1) / g * sum(steps^2))
}

one_row <- function(grade, statement) {
  rows <- answers[!is.na(answers[[grade]]) & !is.na(answers[[statement]]), ]
  rows$mark <- rows[[grade]]
  rows$answer <- factor(rows[[statement]], ordered = TRUE)
  fit <- suppressWarnings(
    clm(answer ~ mark, data = rows, control = list(gradTol = 1e-9))
  )
  slope <- unname(coef(fit)["mark"])
  known <- data.frame(
    competence = grade, statement = statement, n = nrow(rows),
    n_teams = length(unique(rows$team)),
    away = abs(slope) > 10 # separation: the estimate runs away
  )
  if (known$away) {
    return(cbind(known, slope = NA_real_, slope_again = NA_real_,
      se_model = NA_real_, se_clusters = NA_real_, se_jackknife = NA_real_))
  }
  # HC0 with the factor g / (g - 1)
  clusters <- vcovCL(fit, cluster = rows$team, type = "HC0", cadjust = TRUE)
  cbind(known,
    slope = slope,
    slope_again = unname(coef(again(rows))["mark"]),
    se_model = sqrt(vcov(fit)["mark", "mark"]),
    se_clusters = sqrt(clusters["mark", "mark"]),
    se_jackknife = jackknife(rows, c(slope, fit$alpha))
  )
}

pairs <- expand.grid(statement = statements, grade = grades, stringsAsFactors = FALSE)
write_reference(do.call(rbind, Map(one_row, pairs$grade, pairs$statement)), "ordinal")
