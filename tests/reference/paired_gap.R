# Marks people have and want: paired t.test, and survey::svymean of the
# difference with the team size as fpc.
source(file.path("tests", "reference", "common.R"))
suppressPackageStartupMessages(library(survey))

one_row <- function(group, variable) {
  rows <- teams$team == group
  have <- teams[rows, paste0(variable, "_have")]
  want <- teams[rows, paste0(variable, "_want")]
  both <- !is.na(have) & !is.na(want)
  have <- have[both]
  want <- want[both]
  gap <- want - have
  test <- t.test(want, have, paired = TRUE, conf.level = 0.95)
  design <- svydesign(ids = ~1, fpc = ~size,
                      data = data.frame(gap = gap, size = members[[group]]))
  limits <- confint(svymean(~gap, design), level = 0.95, df = degf(design))
  data.frame(
    group = group, variable = variable, n = length(gap), mean_have = mean(have),
    mean_want = mean(want), gap = unname(test$estimate), sd = sd(gap),
    ci_low = test$conf.int[1], ci_high = test$conf.int[2],
    fpc_low = limits[1], fpc_high = limits[2]
  )
}

grid <- expand.grid(variable = c("cijfer_1", "cijfer_2"),
                    group = c("achttien"), stringsAsFactors = FALSE)
result <- do.call(rbind, Map(one_row, grid$group, grid$variable))
write_reference(result, "paired_gap")
