# lme4::lmer with a random intercept per team, REML: fixef, ranef, VarCorr.
source(file.path("tests", "reference", "common.R"))
suppressPackageStartupMessages(library(lme4))

# lmer stops early by default; this goes on where the likelihood is nearly flat.
precise <- lmerControl(
  optimizer = "nloptwrap", calc.derivs = FALSE,
  optCtrl = list(ftol_abs = 1e-14, ftol_rel = 0, xtol_abs = 1e-12, xtol_rel = 0)
)

fit <- function(score, team) {
  frame <- na.omit(data.frame(score = score, team = team))
  suppressMessages(lmer(score ~ 1 + (1 | team), frame, REML = TRUE, control = precise))
}

answers <- read_data("synthetic_team_quality")
answers$schaal_3 <- 0 + 4 - answers$schaal_3
# Two of the three statements are enough for a score.
statements <- answers[paste0("schaal_", 1:3)]
answers$schaal <- rowMeans(statements, na.rm = TRUE)
answers$schaal[rowSums(!is.na(statements)) < 2] <- NA
variables <- c("schaal", "stelling", "cijfer", "zonder_verschil")

of_teams <- function(name) {
  model <- fit(answers[[name]], answers$team)
  random <- ranef(model)$team
  per_team <- function(f) {
    as.vector(tapply(answers[[name]], answers$team, f, na.rm = TRUE)[rownames(random)])
  }
  data.frame(
    variable = name, team = rownames(random),
    n = per_team(function(x, na.rm) sum(!is.na(x))),
    mean = per_team(mean), sd = per_team(sd),
    pooled = unname(fixef(model)) + random[[1]], rank = rank(-per_team(mean))
  )
}
of_variable <- function(name) {
  model <- fit(answers[[name]], answers$team)
  teams <- of_teams(name)
  shown <- teams[teams$n >= 5 & teams$sd > 0, ]
  data.frame(
    variable = name, n = nobs(model), n_teams = unname(ngrps(model)),
    sd_between = attr(VarCorr(model)$team, "stddev")[[1]],
    sd_within = sigma(model), singular = isSingular(model),
    range_raw = diff(range(shown$mean)), range_pooled = diff(range(shown$pooled)),
    rank_agreement = cor(shown$mean, shown$pooled, method = "spearman")
  )
}
write_reference(do.call(rbind, lapply(variables, of_variable)), "pooling")
write_reference(do.call(rbind, lapply(variables, of_teams)), "pooling_teams")

data(bh1996, package = "multilevel")
model <- fit(bh1996$LEAD, bh1996$GRP)
write_reference(
  data.frame(
    n = nobs(model), overall = unname(fixef(model)),
    sd_between = attr(VarCorr(model)$team, "stddev")[[1]], sd_within = sigma(model)
  ), "pooling_bh1996"
)
