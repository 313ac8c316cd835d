import AlulaJSON

/// How the preparing of provider auth stands, in lines for people.
struct WarmReport {
    let value: JSONValue
    let output: OutputRenderer

    init(_ value: JSONValue, _ output: OutputRenderer) {
        self.value = value
        self.output = output
    }

    var facts: [(String, String?)] {
        guard value.object != nil else { return [] }
        let available = value["availableProviders"]?.array?.compactMap(\.string) ?? []
        return [
            ("Providers", available.isEmpty ? "none available" : available.joined(separator: ", ")),
            ("Prepared", prepared), ("Last warm", lastResult), ("Running", running),
            ("Next try", value["nextRetryAt"]?.instant.map(output.clock)),
        ]
    }

    private var prepared: String {
        let at = value["preparedAt"]?.instant.map { " at \(output.clock($0))" } ?? ""
        let generation = value["generation"]?.integer ?? 0
        let source = value["gatheredBy"]?.string.map { " by \($0)" } ?? ""
        return "generation \(generation)\(at)\(source)" + (value["stale"]?.bool == true ? ", stale" : "")
    }

    private var lastResult: String? {
        guard let result = value["lastResult"], let outcome = result["outcome"]?.string else { return nil }
        var text = outcome
        if let trigger = result["trigger"]?.string { text += " (\(trigger))" }
        if let duration = result["durationMs"]?.integer { text += " in \(duration) ms" }
        if let late = result["eventLoopMaxMs"]?.double {
            text += ", event loops at most \(JSONNumber(late).text) ms late"
        }
        if let code = result["errorCode"]?.string { text += ": \(code)" }
        return text
    }

    private var running: String? {
        guard value["state"]?.string == "running" else { return nil }
        let since = value["runningSince"]?.instant.map { " since \(output.clock($0))" } ?? ""
        return (value["trigger"]?.string ?? "warm") + since
    }
}
