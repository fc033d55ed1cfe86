# Ranks of variables within the same people: a paired t-test of every pair in both
# directions, Holm over all of them, and counting who is higher. Teams stand beside each
# other, so the spread of a difference is that of lm(gap ~ team). Team "veertig" is a
# sample of many; "acht" is 8 of 12; "alle" is both, with our joint population factor.
source(file.path("tests", "reference", "common.R"))

wishes <- read_data("synthetic_ranking")
members <- c(acht = 12, veertig = Inf)
variables <- setdiff(names(wishes), "team")
level <- 0.95

# One-sided p-values that the first is higher, and lower; 1 if nothing varies.
test_pair <- function(group, pair) {
  both <- wishes[complete.cases(wishes[pair]), ]
  both$gap <- both[[pair[1]]] - both[[pair[2]]]
  fit <- lm(gap ~ team, data = both)
  own <- if (group == "alle") both else both[both$team == group, ]
  if (nrow(own) < 1 || sigma(fit) < 1e-12) return(c(higher = 1, lower = 1))
  factor <- switch(group, veertig = 1, acht = 1 - nrow(own) / members[["acht"]],
                   left(both$team, rep(TRUE, nrow(both))))
  t <- mean(own$gap) / (sigma(fit) / sqrt(nrow(own)) * sqrt(factor))
  df <- fit$df.residual
  c(higher = pt(t, df, lower.tail = FALSE), lower = pt(t, df))
}

compare <- function(group) {
  own <- if (group == "alle") wishes else wishes[wishes$team == group, ]
  pairs <- t(combn(variables, 2))
  rows <- lapply(seq_len(nrow(pairs)), function(i) {
    both <- own[c("team", pairs[i, ])]
    whole <- both[complete.cases(both), ]
    gap <- whole[[2]] - whole[[3]]
    p <- test_pair(group, pairs[i, ])
    data.frame(group = group, first = pairs[i, 1], second = pairs[i, 2],
               n = length(gap), difference = mean(gap),
               p_higher = p[["higher"]], p_lower = p[["lower"]])
  })
  table <- do.call(rbind, rows)
  adjusted <- p.adjust(c(table$p_higher, table$p_lower), "holm")
  table$p_higher <- head(adjusted, nrow(table))
  table$p_lower <- tail(adjusted, nrow(table))
  table
}

rank_all <- function(table) {
  group <- table$group[1]
  own <- if (group == "alle") wishes else wishes[wishes$team == group, ]
  means <- vapply(own[variables], mean, numeric(1), na.rm = TRUE)
  up <- table[table$p_higher <= 1 - level, ]
  down <- table[table$p_lower <= 1 - level, ]
  winners <- c(up$first, down$second)
  losers <- c(up$second, down$first)
  data.frame(
    group = group, variable = variables, mean = unname(means),
    rank = rank(-means, ties.method = "min"),
    rank_low = vapply(variables, function(v) 1 + sum(losers == v), numeric(1)),
    rank_high = vapply(variables, function(v) {
      length(variables) - sum(winners == v)
    }, numeric(1))
  )
}

compared <- lapply(c("acht", "veertig", "alle"), compare)
write_reference(do.call(rbind, compared), "ranking_pairs")
write_reference(do.call(rbind, lapply(compared, rank_all)), "ranking")
