/// A row of bars, one for each value, as high as its magnitude.
///
/// Lateness spans five decades, and the small differences matter least: each step up is about three times as late.
struct Sparkline {
    /// Upper edges of the bars, in milliseconds; what is above the last has the highest bar.
    private static let edges = [1.0, 3, 10, 30, 100, 300, 1000]
    private static let blocks = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    private static let letters = ["_", ".", "-", "=", "+", "*", "#", "@"]

    /// In milliseconds, oldest first; `nil` where nothing is known.
    let values: [Double?]

    /// The newest values that fit into `width` columns, each with how bad it is.
    func cells(width: Int, usesUnicode: Bool) -> [TextTable.Cell] {
        values.suffix(max(0, width)).map { value in
            guard let value else { return .init(" ") }
            let step = Self.edges.firstIndex { value <= $0 } ?? Self.edges.count
            let style: TextTable.Style = value >= 1000 ? .bad : value >= 50 ? .uncertain : .good
            return .init((usesUnicode ? Self.blocks : Self.letters)[step], style)
        }
    }
}
