# Mean, sd and t interval per group and variable.
# ci_*, fpc_*:        teams beside each other: the spread of lm(x ~ team), and for a
#                     team its predict(interval = "confidence"). fpc_* narrows it with
#                     the population factor, which for "alle" is the formula in the
#                     docstring of finite_population_factor.
# alone_*, alone_fpc_*: each group by itself, with its own sd: t.test, and for a team
#                     survey::svymean with the team size as fpc.
source(file.path("tests", "reference", "common.R"))
suppressPackageStartupMessages(library(survey))

variables <- grep("^stelling|^cijfer", names(teams), value = TRUE)

together <- function(out, group, variable, rows, census) {
  known <- teams[!is.na(teams[[variable]]), ]
  known$x <- known[[variable]]
  if (length(unique(known$team)) < 2 || out$n == 0) stop("not in these data")
  fit <- lm(x ~ team, data = known)
  if (fit$df.residual == 0 || sigma(fit) < 1e-12) return(out)
  half <- qt(0.975, fit$df.residual) * sigma(fit) / sqrt(out$n)
  limits <- out$mean + c(-1, 1) * half
  if (group != "alle") {
    found <- predict(fit, data.frame(team = group), interval = "confidence")
    stopifnot(all.equal(unname(found[, c("lwr", "upr")]), limits))
    limits <- found[, c("lwr", "upr")]
  }
  out[c("ci_low", "ci_high")] <- limits
  if (!census) {
    factor <- if (group == "alle") {
      sqrt(left(teams$team, rows & !is.na(teams[[variable]])))
    } else {
      sqrt(1 - out$n / members[[group]])
    }
    out[c("fpc_low", "fpc_high")] <- out$mean + c(-1, 1) * half * factor
  }
  out
}

alone <- function(out, group, variable, rows, x, census) {
  if (length(x) < 2 || sd(x) == 0) return(out)
  out[c("alone_low", "alone_high")] <- t.test(x, conf.level = 0.95)$conf.int
  if (census) return(out)
  if (group == "alle") {
    half <- qt(0.975, length(x) - 1) * sd(x) / sqrt(length(x)) *
      sqrt(left(teams$team, rows & !is.na(teams[[variable]])))
    out[c("alone_fpc_low", "alone_fpc_high")] <- mean(x) + c(-1, 1) * half
  } else {
    sample <- data.frame(x = x, size = members[[group]])
    design <- svydesign(ids = ~1, fpc = ~size, data = sample)
    out[c("alone_fpc_low", "alone_fpc_high")] <-
      confint(svymean(~x, design), level = 0.95, df = degf(design))
  }
  out
}

one_row <- function(group, variable) {
  rows <- if (group == "alle") rep(TRUE, nrow(teams)) else teams$team == group
  x <- teams[rows, variable]
  team <- teams$team[rows][!is.na(x)]
  x <- x[!is.na(x)]
  out <- data.frame(
    group = group, variable = variable, n = length(x),
    mean = if (length(x)) mean(x) else NA_real_,
    sd = if (length(x) > 1) sd(x) else NA_real_
  )
  limits <- outer(c("ci", "fpc", "alone", "alone_fpc"), c("low", "high"), paste, sep = "_")
  out[as.vector(t(limits))] <- NA_real_
  if (!length(x)) return(out)
  asked <- unique(teams$team[rows])
  census <- length(x) == sum(members[asked])
  out <- together(out, group, variable, rows, census)
  alone(out, group, variable, rows, x, census)
}

grid <- expand.grid(variable = variables, group = c(names(members), "alle"),
                    stringsAsFactors = FALSE)
result <- do.call(rbind, Map(one_row, grid$group, grid$variable))
write_reference(result, "mean_with_ci")
