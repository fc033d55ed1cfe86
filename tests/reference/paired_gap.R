# Marks people have and want. ci_*, fpc_*: teams beside each other, with the spread of
# lm(gap ~ team). alone_*: one team by itself, a paired t.test, and survey::svymean of
# the difference with the team size as fpc.
source(file.path("tests", "reference", "common.R"))
suppressPackageStartupMessages(library(survey))

one_row <- function(group, variable) {
  all <- data.frame(team = teams$team, have = teams[[paste0(variable, "_have")]],
                    want = teams[[paste0(variable, "_want")]])
  all <- all[complete.cases(all), ]
  all$gap <- all$want - all$have
  own <- all[all$team == group, ]
  test <- t.test(own$want, own$have, paired = TRUE, conf.level = 0.95)
  design <- svydesign(ids = ~1, fpc = ~size,
                      data = data.frame(gap = own$gap, size = members[[group]]))
  alone <- confint(svymean(~gap, design), level = 0.95, df = degf(design))
  fit <- lm(gap ~ team, data = all)
  found <- predict(fit, data.frame(team = group), interval = "confidence")
  half <- (found[, "upr"] - found[, "fit"]) * sqrt(1 - nrow(own) / members[[group]])
  data.frame(
    group = group, variable = variable, n = nrow(own), mean_have = mean(own$have),
    mean_want = mean(own$want), gap = unname(test$estimate), sd = sd(own$gap),
    ci_low = found[, "lwr"], ci_high = found[, "upr"],
    fpc_low = found[, "fit"] - half, fpc_high = found[, "fit"] + half,
    alone_low = test$conf.int[1], alone_high = test$conf.int[2],
    alone_fpc_low = alone[1], alone_fpc_high = alone[2]
  )
}

grid <- expand.grid(variable = c("cijfer_1", "cijfer_2"),
                    group = c("achttien"), stringsAsFactors = FALSE)
result <- do.call(rbind, Map(one_row, grid$group, grid$variable))
write_reference(result, "paired_gap")
