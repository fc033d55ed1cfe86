# Share of every answer with Wilson's interval.
# ci_*:   prop.test without continuity correction
# fpc_*:  the same for the effective number of answers, n / factor^2
source(file.path("tests", "reference", "common.R"))

wilson <- function(count, n) {
  suppressWarnings(prop.test(count, n, conf.level = 0.95, correct = FALSE)$conf.int)
}

one_row <- function(group, variable, answer) {
  rows <- if (group == "alle") rep(TRUE, nrow(teams)) else teams$team == group
  answered <- rows & !is.na(teams[[variable]])
  x <- teams[answered, variable]
  n <- length(x)
  out <- data.frame(
    group = group, variable = variable, answer = answer, n = n,
    count = sum(x == answer), share = if (n) mean(x == answer) else NA_real_,
    ci_low = NA_real_, ci_high = NA_real_, fpc_low = NA_real_, fpc_high = NA_real_
  )
  if (n < 2) {
    return(out)
  }
  out[c("ci_low", "ci_high")] <- wilson(out$count, n)
  if (n < sum(members[unique(teams$team[rows])])) {
    part <- left(teams$team, answered)
    out[c("fpc_low", "fpc_high")] <- wilson(out$count / part, n / part)
  }
  out
}

grid <- expand.grid(answer = 0:4, variable = paste0("stelling_", 1:4),
                    group = c(names(members), "alle"), stringsAsFactors = FALSE)
result <- do.call(rbind, Map(one_row, grid$group, grid$variable, grid$answer))
write_reference(result, "share_with_ci")
