import AlulaJSON
import AlulaPrimitives

/// What one look at a running gateway saw. Parts that it did not show are `nil`.
struct TopSample: Sendable {
    /// On the wall clock, for people.
    var at: Timestamp
    /// On a clock that never jumps, for rates.
    var elapsed: Duration
    /// Where the gateway is.
    var url: String
    var processID: Int32?
    /// What it said when it let us in.
    var hello: JSONValue?
    /// Its answers to `health`, `models.status` and `system-presence`.
    var health: JSONValue?
    var models: JSONValue?
    var presence: JSONValue?
    /// From its `/metrics`.
    var counters: GatewayCounters?
    /// What it did not show, and why.
    var refusals: [Refusal] = []

    struct Refusal: Hashable, Sendable {
        /// A method, or a path.
        var question: String
        var reason: String
    }

    var version: String? { hello?["server"]?["version"]?.string }
    var warm: JSONValue? { health?["providerAuth"] }
    var loops: JSONValue? { health?["eventLoop"] }
    var configuration: JSONValue? { health?["configReload"] }
    var providers: [ProviderRow]? { models.map { ProviderRow.rows(of: $0, all: false) } }
    /// Who is connected and says what they are, the gateway itself left out.
    var clients: [TopClient]? {
        presence?.array?.filter { $0["mode"]?.string != "gateway" || $0["reason"]?.string != "self" }.map(
            TopClient.init)
    }

    /// Since when the process runs.
    var startedAt: Timestamp? { counters?.startTime.flatMap { Timestamp(validating: $0 * 1000) } }
}

/// One client, as `system-presence` has it.
struct TopClient: Hashable, Sendable {
    var mode: String
    var host: String
    var address: String
    var version: String
    var reason: String
    /// When it last said something about itself.
    var at: Timestamp?

    init(_ entry: JSONValue) {
        func text(_ key: String) -> String { entry[key]?.string ?? "" }
        (mode, host, address) = (text("mode"), text("host"), text("ip"))
        (version, reason) = (text("version"), text("reason"))
        at = entry["ts"]?.boundedInstant
    }
}

extension JSONValue {
    /// A point in time that a calendar can show; what is none is unknown.
    var boundedInstant: Timestamp? { double.flatMap { Timestamp(validating: $0) } }
}
