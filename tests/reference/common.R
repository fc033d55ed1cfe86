# Shared by the scripts beside it. They run from the project folder:
#   Rscript tests/reference/mean_with_ci.R

read_data <- function(name) {
  read.csv(file.path("tests", "data", paste0(name, ".csv")))
}

write_reference <- function(table, name) {
  numeric <- vapply(table, is.double, logical(1))
  # 17 digits keep a double as it is; write.csv alone keeps 15.
  table[numeric] <- lapply(table[numeric], function(x) {
    ifelse(is.na(x), NA, sprintf("%.17g", x))
  })
  path <- file.path("tests", "reference", paste0(name, ".csv"))
  write.csv(table, path, row.names = FALSE, quote = FALSE, na = "")
}

teams <- read_data("synthetic_teams")
members <- read_data("synthetic_members")
members <- setNames(members$members, members$team)

# 1 - sum_k (n_k / n) (n_k / N_k), the square of the population factor.
left <- function(team, answered) {
  n_k <- table(factor(team[answered], levels = names(members)))
  n <- sum(n_k)
  1 - sum((n_k / n) * (n_k / members[names(n_k)]))
}
