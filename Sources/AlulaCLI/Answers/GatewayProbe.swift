import AlulaConfiguration
import AlulaJSON
import AlulaPrimitives
import AlulaState

/// Finds out how the gateway of a state directory is doing.
struct GatewayProbe {
    /// What was found.
    struct Report {
        var url: String?
        var processID: Int32?
        var answers = false
        var error: CommandError?
        var duration: Duration?
        var configurationPath: String
        var isConfigurationValid: Bool
        var statePath: String
        var bind: String
        var port: Int
    }

    let session: CommandSession

    func report(probes: Bool) async throws -> Report {
        let context = session.context
        let outcome = try await session.environment.loadConfiguration(context)
        let isValid = outcome.problems.allSatisfy { $0.severity != .error }
        var report = Report(
            configurationPath: context.layout.configuration, isConfigurationValid: isValid,
            statePath: context.layout.state, bind: "loopback", port: 18_789)
        if case .loaded(let loaded) = outcome {
            report.bind = loaded.configuration.gateway.bind.rawValue
            report.port = loaded.configuration.gateway.port
        }
        guard let target = try await session.router.target() else { return report }
        report.url = target.url
        report.processID = target.processID
        guard probes else { return report }
        let start = session.environment.now()
        do {
            let source = try await session.router.connect(to: target)
            do {
                _ = try await source.ask("health", [:])
                report.answers = true
            } catch let error as CommandError {
                report.error = error
            }
            await source.close()
        } catch let error as CommandError {
            report.error = error
        }
        report.duration = session.environment.now().duration(since: start)
        return report
    }
}

extension GatewayProbe.Report {
    var headline: String {
        guard url != nil else { return "not running" }
        return processID.map { "running (pid \($0))" } ?? "named by address"
    }

    /// The reference's shape.
    ///
    /// - Parameters:
    ///   - service: The section about the gateway's service.
    ///   - others: Units of other gateways of this user.
    func payload(service: JSONValue, others: [JSONValue]) -> JSONValue {
        var object = JSONObject()
        object["service"] = service
        object["config"] = [
            "cli": ["path": .string(configurationPath), "valid": .bool(isConfigurationValid)]
        ]
        var gateway: JSONObject = JSONObject()
        gateway["bindMode"] = .string(bind)
        gateway["port"] = .number(port)
        gateway["probeUrl"] = url.map { .string($0) }
        gateway["pid"] = processID.map { .number(Int64($0)) }
        gateway["running"] = .bool(url != nil)
        object["gateway"] = .object(gateway)
        object["stateDir"] = .string(statePath)
        if duration != nil {
            var rpc = JSONObject()
            rpc["ok"] = .bool(answers)
            rpc["error"] = error.map { .string($0.message) }
            rpc["url"] = url.map { .string($0) }
            object["rpc"] = .object(rpc)
        }
        object["lastError"] = error.map { .string($0.message) }
        object["extraServices"] = .array(others)
        return .object(object)
    }
}
