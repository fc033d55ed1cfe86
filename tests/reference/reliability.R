# psych::alpha (alpha, Feldt's interval, r.drop, alpha.drop) on complete cases;
# omega from the loadings of one factor, by psych::fa and by factanal; cor.test.
source(file.path("tests", "reference", "common.R"))
suppressPackageStartupMessages(library(psych))

omega <- function(loadings) {
  common <- sum(loadings)^2
  common / (common + sum(1 - loadings^2))
}

# factanal with an optimiser that goes on where its default stops.
omega_ml <- function(x) {
  fit <- factanal(x, 1, control = list(opt = list(factr = 1e4)))
  omega(fit$loadings[, 1])
}

of_scale <- function(name, x) {
  r <- cor(x)
  k <- ncol(x)
  row <- data.frame(
    scale = name, n_items = k, n = nrow(x), value = NA, ci_low = NA, ci_high = NA,
    omega_psych = NA, omega_factanal = NA, mean_inter_item = mean(r[lower.tri(r)])
  )
  if (k == 2) {
    pair <- cor.test(x[[1]], x[[2]], conf.level = 0.95)
    brown <- function(r) unname(2 * r / (1 + r))
    row$value <- brown(pair$estimate)
    row[c("ci_low", "ci_high")] <- brown(pair$conf.int)
  } else {
    found <- alpha(x)
    row$value <- found$total$raw_alpha
    row$ci_low <- found$feldt$lower.ci$raw_alpha
    row$ci_high <- found$feldt$upper.ci$raw_alpha
    row$omega_psych <- omega(fa(x, nfactors = 1, fm = "ml")$loadings[, 1])
    row$omega_factanal <- omega_ml(x)
  }
  row
}

of_items <- function(name, x) {
  found <- alpha(x)
  rest <- vapply(names(x), function(item) {
    others <- rowSums(x[setdiff(names(x), item)])
    unlist(cor.test(x[[item]], others)[["conf.int"]])
  }, numeric(2))
  # A limit below 0 is put at 0.
  without <- lapply(names(x), function(item) {
    limits <- alpha(x[setdiff(names(x), item)])$feldt
    limits$lower.ci$raw_alpha <- max(limits$lower.ci$raw_alpha, 0)
    limits
  })
  data.frame(
    scale = name, item = names(x), n = nrow(x),
    item_rest_correlation = found$item.stats$r.drop,
    ci_low = rest[1, ], ci_high = rest[2, ],
    alpha_if_dropped = found$alpha.drop$raw_alpha,
    alpha_if_dropped_low = vapply(without, function(f) f$lower.ci$raw_alpha, 0),
    alpha_if_dropped_high = vapply(without, function(f) f$upper.ci$raw_alpha, 0)
  )
}

answers <- read_data("synthetic_reliability")
answers$zes_3 <- 0 + 4 - answers$zes_3
# The answers to psych's bfi run from 1 to 6; A1, C4 and C5 are reversed.
published <- bfi
turned <- c("A1", "C4", "C5")
published[turned] <- 1 + 6 - published[turned]

pick <- function(from, start) na.omit(from[grep(start, names(from), value = TRUE)])
scales <- list(
  zes = pick(answers, "^zes"), drie = pick(answers, "^drie"),
  twee = pick(answers, "^twee"),
  agreeableness = pick(published, "^A[1-5]$"),
  conscientiousness = pick(published, "^C[1-5]$")
)
write_reference(do.call(rbind, Map(of_scale, names(scales), scales)), "reliability")
long <- scales[names(scales) != "twee"]
write_reference(do.call(rbind, Map(of_items, names(long), long)), "reliability_items")
# Not the answers of bfi, only what alpha and omega are computed from.
for (name in c("agreeableness", "conscientiousness")) {
  covariance <- as.data.frame(cov(scales[[name]]))
  write_reference(covariance, paste0("reliability_", name))
}
