# cor(method = "spearman"), with the interval of Bonett and Wright (2000). Every
# grade beside every statement, and a published pair.
source(file.path("tests", "reference", "common_groups.R"))

one_row <- function(name, x, y, confidence) {
  both <- complete.cases(x, y)
  rho <- cor(x[both], y[both], method = "spearman")
  n <- sum(both)
  half <- qnorm(0.5 + confidence / 2) * sqrt((1 + rho^2 / 2) / (n - 3))
  limits <- tanh(atanh(rho) + c(-half, half))
  data.frame(
    name = name, n = n, confidence = confidence, spearman = rho,
    ci_low = limits[1], ci_high = limits[2]
  )
}

# Hollander & Wolfe (1973), p. 187, in R's help of cor.test: lightness and panel
# score of nine lots of canned tuna.
tuna <- data.frame(
  lightness = c(44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1),
  score = c(2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8)
)
of_grades <- function(confidence) {
  unname(Map(function(competence, statement) {
    one_row(paste(competence, statement), together[[competence]],
            together[[statement]], confidence)
  }, pairs$competence, pairs$statement))
}
rows <- c(
  of_grades(0.95), of_grades(0.8),
  list(one_row("tuna", tuna$lightness, tuna$score, 0.95))
)
write_reference(do.call(rbind, rows), "correlation")
