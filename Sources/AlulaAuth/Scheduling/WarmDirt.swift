/// What has to be looked at again.
package struct WarmDirt: Hashable, Sendable {
    /// Every source of the plan, whatever is known about it.
    package var includesEverything: Bool
    package var sources: Set<FactSource>

    package init(everything: Bool = false, sources: Set<FactSource> = []) {
        includesEverything = everything
        self.sources = sources
    }

    package static let everything = WarmDirt(everything: true)
    /// Nothing to read: the same facts are weighed again, at another time or under other settings.
    package static let evaluationOnly = WarmDirt()

    package static func source(_ source: FactSource) -> WarmDirt { WarmDirt(sources: [source]) }

    package mutating func formUnion(_ other: WarmDirt) {
        includesEverything = includesEverything || other.includesEverything
        sources.formUnion(other.sources)
    }

    package func covers(_ source: FactSource) -> Bool { includesEverything || sources.contains(source) }
}
