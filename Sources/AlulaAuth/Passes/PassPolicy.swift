/// The numbers of passes.
package struct PassPolicy: Hashable, Sendable {
    /// A pass that ends within this time is exchanged first.
    package var margin = Duration.seconds(300)
    /// A pass serves at least this long after it was given, whatever clocks and providers say of it: so often, and not more often,
    /// is one asked for.
    package var leastUse = Duration.seconds(60)
    /// A pass that ends no sooner than this serves while there is no new one.
    package var lastResort = Duration.seconds(20)
    /// How long one exchange may take, all in all.
    package var callLimit = Duration.seconds(30)
    /// How long a stored token rests after failures.
    package var rests = RenewalPolicy.standard

    package static let standard = PassPolicy()

    package init() {}
}
