/// What is promised and can't be measured yet, so that nobody takes silence for success.
enum OpenPromises {
    static let rows = [refresh]

    private static let refresh = ResultRow(
        "traffic.refresh", "OAuth, 16 processes × 8 agents on one rotating token: refreshes; failed calls",
        must: "1; 0", aim: "the same with kill -9, 1,000 rounds")
}
