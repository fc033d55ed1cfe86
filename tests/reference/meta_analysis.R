# metafor's rma: between-study variance by Paule-Mandel and by DerSimonian-Laird, with
# the Hartung-Knapp interval ("knha") and the one that is never narrower than with equal
# effects ("adhoc"). The prediction interval of Higgins et al. (2009) has k - 2 degrees of
# freedom, and I2 follows from Q; metafor takes k - 1 and the typical variance, so both are
# in R's own words. Of DerSimonian-Laird metafor's I2 is the same, and is compared here.
source(file.path("tests", "reference", "common.R"))
suppressPackageStartupMessages(library(metafor))

combine <- function(name, rows, method) {
  fit <- function(test) {
    rma(rows$estimate, sei = rows$se, method = method, test = test,
        control = list(tol = 1e-14, tau2.max = 1e4))
  }
  plain <- fit("z")
  adhoc <- fit("adhoc")
  knha <- fit("knha")
  k <- nrow(rows)
  i2 <- if (plain$QE > 0) max(0, 1 - (k - 1) / plain$QE) else 0
  if (method == "DL") stopifnot(abs(100 * i2 - plain$I2) < 1e-8)
  half <- if (k > 2) qt(0.975, k - 2) * sqrt(adhoc$tau2 + adhoc$se^2) else NA
  data.frame(
    set = name, method = method, k = k, estimate = c(adhoc$beta), tau2 = adhoc$tau2,
    se = adhoc$se, ci_low = adhoc$ci.lb, ci_high = adhoc$ci.ub,
    se_plain = plain$se, se_knha = knha$se,
    q = plain$QE, q_p = plain$QEp, i2 = i2,
    prediction_low = c(adhoc$beta) - half, prediction_high = c(adhoc$beta) + half,
    weights = paste(sprintf("%.17g", weights(plain) / 100), collapse = " ")
  )
}

sets <- split(read_data("synthetic_studies"), read_data("synthetic_studies")$set)
rows <- list()
for (name in names(sets)) {
  for (method in c("PM", "DL")) {
    rows[[length(rows) + 1]] <- combine(name, sets[[name]], method)
  }
}
write_reference(do.call(rbind, rows), "meta_analysis")

# The variance of one g, from means, deviations and numbers.
effects <- escalc(
  measure = "SMD", m1i = c(3.1, 2.4, 0.7), sd1i = c(0.9, 1.2, 0.2), n1i = c(12, 40, 5),
  m2i = c(2.6, 2.5, 0.4), sd2i = c(1.1, 1.0, 0.25), n2i = c(15, 22, 6)
)
write_reference(
  data.frame(n_first = c(12, 40, 5), n_second = c(15, 22, 6), g = c(effects$yi),
             variance = c(effects$vi)),
  "meta_analysis_g"
)
