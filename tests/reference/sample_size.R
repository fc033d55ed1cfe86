# What can be seen with so many answers. power.t.test for two equal groups; for unequal
# ones the same definition with pt(ncp = ) and uniroot; half widths from qt and Wilson.
options(digits = 15)

power_of <- function(d, n, m, level) {
  df <- n + m - 2
  ncp <- d * sqrt(n * m / (n + m))
  q <- qt(1 - level / 2, df)
  pt(q, df, ncp, lower.tail = FALSE) + pt(-q, df, ncp)
}

detectable <- function(n, m, power, level) {
  uniroot(function(d) power_of(d, n, m, level) - power, c(1e-6, 10), tol = 1e-12)$root
}

wilson_half <- function(x, n, factor, level) {
  z <- qnorm(1 - level / 2)
  e <- n / factor^2
  p <- x / n
  z * sqrt(p * (1 - p) / e + z^2 / (4 * e^2)) / (1 + z^2 / e)
}

cases <- expand.grid(
  n_first = c(2, 5, 8, 13, 20, 32, 60), n_second = c(2, 7, 20, 45),
  power = c(0.8, 0.9), level = c(0.05, 0.1)
)
cases$difference <- mapply(
  detectable, cases$n_first, cases$n_second, cases$power, cases$level
)
cases$power_t_test <- mapply(function(n, m, power, level) {
  if (n != m) return(NA)
  power.t.test(
    n = n, power = power, sig.level = level, strict = TRUE, tol = 1e-12
  )$delta
}, cases$n_first, cases$n_second, cases$power, cases$level)
write.csv(cases, file.path("tests", "reference", "sample_size.csv"), row.names = FALSE)

half <- expand.grid(
  n = c(2, 5, 12, 40, 100), population = c(NA, 100, 250), level = c(0.05, 0.1),
  share = c(0, 0.25, 0.5)
)
factor <- sqrt(1 - ifelse(is.na(half$population), 0, half$n / half$population))
half$mean <- qt(1 - half$level / 2, half$n - 1) * 0.22 / sqrt(half$n) * factor
half$count <- floor(half$n * half$share + 0.5)
half$half_share <- ifelse(
  factor == 0, 0, wilson_half(half$count, half$n, pmax(factor, 1e-9), half$level)
)
write.csv(
  half, file.path("tests", "reference", "sample_size_half.csv"), row.names = FALSE
)
