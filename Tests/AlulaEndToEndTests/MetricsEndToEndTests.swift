import AlulaClient
import AlulaDiagnostics
import AlulaSystem
import AlulaTestSupport
import Testing

/// What a live gateway says at `/metrics` against what operators read about it.
struct MetricsEndToEndTests {
    /// One metric as the page has it.
    private struct Entry {
        var type = ""
        var labels: Set<String> = []
        /// Of labels whose values are listed.
        var values: [String: Set<String>] = [:]
        var isAlwaysThere = true
    }

    private static func page() throws -> [String: Entry] {
        let text = try #require(Fixture("../../../Documentation/Reference/metrics.md", of: "AlulaProtocolTests").text)
        var entries: [String: Entry] = [:]
        var name = ""
        for line in text.split(separator: "\n") {
            let words = line.split(separator: "`", omittingEmptySubsequences: false).map { String($0) }
            if line.hasPrefix("### `") {
                name = words[1]
                entries[name] = Entry()
            } else if line.hasPrefix("- Type: ") {
                entries[name]?.type = String(line.dropFirst("- Type: ".count).prefix { $0 != "," })
            } else if line.hasPrefix("- Label `") {
                entries[name]?.labels.insert(words[1])
                let listed = words.indices.filter { $0 > 1 && !$0.isMultiple(of: 2) }.map { words[$0] }
                if words.count > 2, words[2] == ": " { entries[name]?.values[words[1]] = Set(listed) }
            } else if line.hasPrefix("- Absent: ") {
                entries[name]?.isAlwaysThere = false
            }
        }
        return entries
    }

    /// The metric that a sample belongs to, and its labels without those of a histogram's parts.
    private static func owner(
        _ sample: MetricsText.Sample, in page: [String: Entry]
    ) -> (name: String, labels: [String: String])? {
        if page[sample.name].map({ $0.type != "histogram" }) == true { return (sample.name, sample.labels) }
        for ending in ["_bucket", "_sum", "_count"] where sample.name.hasSuffix(ending) {
            let name = String(sample.name.dropLast(ending.count))
            guard page[name]?.type == "histogram" else { continue }
            return (name, ending == "_bucket" ? sample.labels.filter { $0.key != "le" } : sample.labels)
        }
        return nil
    }

    @Test func aGatewaySaysNothingThatIsNotOnThePage() async throws {
        let page = try Self.page()
        #expect(page.count > 40)
        let installation = try Installation(variables: ["OPENAI_API_KEY": "sk-fake-e2e"])
        let gateway = try await installation.startGateway()
        let client = try await gateway.connect()
        try await gateway.waitUntilReady()
        _ = try await gateway.models(client)
        _ = try await gateway.http("/no-such-page")
        let answer = try await gateway.http("/metrics")
        let text = MetricsText(answer.range(after: "\r\n\r\n"))
        await client.close()
        #expect(try await gateway.stop() == .exited(0))

        var seen: Set<String> = []
        for sample in text.samples {
            guard let (name, labels) = Self.owner(sample, in: page), let entry = page[name] else {
                Issue.record("\(sample.name) is not on the page")
                continue
            }
            seen.insert(name)
            #expect(Set(labels.keys) == entry.labels, "\(name)")
            for (label, value) in labels {
                if let values = entry.values[label] { #expect(values.contains(value), "\(name) \(label)") }
            }
        }
        for (name, entry) in page where entry.isAlwaysThere { #expect(seen.contains(name), "\(name) is missing") }
        #expect(text.sum("alula_metrics_refused_total") == 0)
        #expect(text.sum("alula_connections", where: ["state": "admitted"]) == 1)
        #expect(text.sum("alula_calls_total", where: ["method": "models.status", "outcome": "ok"]) == 1)
        #expect(text.sum("alula_http_requests_total", where: ["route": "_OTHER", "status": "404"]) == 1)
        #expect(text.sum("alula_warms_ended_total", where: ["outcome": "ok"]).map { $0 >= 1 } == true)
        #expect(text.sum("alula_warms_generation").map { $0 >= 1 } == true)
        for sample in text.samples { #expect(!sample.labels.values.contains { $0.contains("sk-fake") }) }
    }
}
