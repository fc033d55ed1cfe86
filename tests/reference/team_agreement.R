# multilevel::rwg, rwg.j, ICC1 and ICC2; psych::ICC; aov with the size of unequal
# teams in R's own words. bh1996 is in multilevel.
source(file.path("tests", "reference", "common.R"))
suppressPackageStartupMessages(library(multilevel))

answers <- read_data("synthetic_team_quality")
answers$schaal_3 <- 0 + 4 - answers$schaal_3
items <- list(
  schaal = paste0("schaal_", 1:3), stelling = "stelling", cijfer = "cijfer",
  zonder_verschil = "zonder_verschil"
)
highest <- c(schaal = 4, stelling = 4, cijfer = 10, zonder_verschil = 4)

# --- agreement within each team, on complete cases --------------------------------
of_teams <- function(name) {
  options <- highest[[name]] + 1
  random <- (options^2 - 1) / 12
  x <- answers[items[[name]]]
  if (ncol(x) == 1) {
    found <- rwg(x[[1]], answers$team, ranvar = random)
  } else {
    found <- rwg.j(x, answers$team, ranvar = random)
  }
  data.frame(variable = name, team = found[[1]], n = found$gsize, rwg = found[[2]])
}
write_reference(do.call(rbind, lapply(names(items), of_teams)), "team_agreement_rwg")

# --- intraclass correlations ------------------------------------------------------
icc <- function(variable, score, team) {
  kept <- !is.na(score)
  team <- factor(team[kept])
  score <- score[kept]
  model <- aov(score ~ team)
  table <- summary(model)[[1]]
  between <- table[1, "Mean Sq"]
  within <- table[2, "Mean Sq"]
  df <- table[, "Df"]
  size <- as.vector(table(team))
  k <- (sum(size) - sum(size^2) / sum(size)) / (length(size) - 1)
  f <- table[1, "F value"]
  limit <- function(f) (f - 1) / (f + k - 1)
  data.frame(
    variable = variable, n = length(score), n_teams = nlevels(team), team_size = k,
    icc1 = (between - within) / (between + (k - 1) * within),
    icc1_low = limit(f / qf(0.975, df[1], df[2])),
    icc1_high = limit(f * qf(0.975, df[2], df[1])),
    icc2 = ICC2(model), f = f, df_between = df[1], df_within = df[2],
    p_value = table[1, "Pr(>F)"], icc1_multilevel = ICC1(model)
  )
}
score_of <- function(name) {
  # Two of the three statements are enough for a score.
  x <- answers[items[[name]]]
  score <- rowMeans(x, na.rm = TRUE)
  score[rowSums(!is.na(x)) < min(2, ncol(x))] <- NA
  score
}
unequal <- lapply(names(items), function(n) icc(n, score_of(n), answers$team))
write_reference(do.call(rbind, unequal), "team_agreement")

equal <- read_data("synthetic_team_balanced")
of_equal <- function(name) {
  ours <- icc(name, equal[[name]], equal$team)
  wide <- do.call(rbind, split(equal[[name]], equal$team))
  found <- psych::ICC(wide, lmer = FALSE)$results
  one <- found[found$type == "ICC1", ]
  model <- aov(equal[[name]] ~ factor(equal$team))
  data.frame(
    variable = name, n = ours$n, n_teams = ours$n_teams,
    icc1 = ICC1(model), icc1_psych = one$ICC,
    icc1_low = one[["lower bound"]], icc1_high = one[["upper bound"]],
    icc2 = ICC2(model), f = one$F, p_value = one$p
  )
}
write_reference(
  do.call(rbind, lapply(c("stelling", "negatief"), of_equal)),
  "team_agreement_balanced"
)

# --- what others published: 7,382 soldiers in 99 companies ------------------------
# Not their answers: size, mean and standard deviation of each company, on which the
# intraclass correlations and the mixed model depend alone.
data(bh1996)
leadership <- bh1996$LEAD
company <- bh1996$GRP
write_reference(icc("lead", leadership, company), "team_agreement_bh1996")
of <- function(f) as.vector(tapply(leadership, company, f))
write_reference(
  data.frame(n = of(length), mean = of(mean), sd = of(sd)), "bh1996_companies"
)
