import AlulaJSON
import AlulaPrimitives

/// What `status --deep` adds: whether the gateway answers and how late it is, who may read its files, and who starts it.
struct DeepStatus {
    /// The answer to `health` with probes; `nil` when no gateway answers.
    var health: JSONValue?
    var failure: CommandError?
    var latency: Duration?
    var findings: [Finding]
    var service: GatewayService.State
    let unit: ServiceUnit

    static func examine(_ session: CommandSession) async throws -> DeepStatus {
        let report = try await Doctor(session: session, runsHelpers: false).examine(
            only: ["state.", "gateway.token-file", "config.mode", "auth.store-mode"])
        let service = GatewayService(session)
        var status = DeepStatus(
            findings: report.findings.filter { $0.severity > .info }, service: try await service.glance(),
            unit: service.unit)
        guard let target = try await session.router.target() else { return status }
        do {
            let source = try await session.router.connect(to: target)
            let began = session.environment.now()
            do {
                status.health = try await source.ask("health", ["probe": true])
                status.latency = session.environment.now().duration(since: began)
            } catch let error as CommandError {
                status.failure = error
            }
            await source.close()
        } catch let error as CommandError {
            status.failure = error
        }
        return status
    }

    /// Adds the reference's members.
    func add(to object: inout JSONObject, at instant: Timestamp) {
        object["health"] = health ?? failure.map { ["error": .string($0.message)] }
        object["gatewayService"] = service.payload(unit)
        let (errors, warnings) = (count(.error), count(.warning))
        object["securityAudit"] = [
            "ts": .number(instant.milliseconds),
            "summary": ["critical": .number(errors), "warn": .number(warnings), "info": 0],
            "findings": .array(
                findings.map { finding in
                    [
                        "checkId": .string(finding.checkID),
                        "severity": finding.severity == .error ? "critical" : "warn",
                        "title": .string(finding.message), "detail": .string(finding.path ?? ""),
                        "remediation": .string(finding.fixHint ?? ""),
                    ]
                }),
        ]
    }

    func print(_ output: OutputRenderer) {
        let loop = health?["eventLoop"]
        let isLate = loop?["degraded"]?.bool ?? false
        let worst = loop?["delayMaxMs"]?.double.map { ", at most \(JSONNumber($0).text) ms late" } ?? ""
        output.line()
        output.facts([
            (
                "Health",
                health.map { $0["ok"]?.bool == true ? "healthy" : "not healthy" } ?? failure?.message ?? "no gateway"
            ),
            ("Answered in", latency.map { "\($0.milliseconds) ms" }),
            ("Event loops", loop == nil ? nil : (isLate ? "degraded" : "on time") + worst),
            ("Service", service.headline),
            ("Files", findings.isEmpty ? "nobody else may read or change them" : nil),
        ])
        guard !findings.isEmpty else { return }
        output.line()
        output.table(
            TextTable(
                ["", "CHECK", "FINDING", "NEXT"],
                findings.map { finding in
                    [
                        .init(finding.severity.rawValue, finding.severity == .error ? .bad : .uncertain),
                        .init(finding.checkID), .init(finding.message + (finding.path.map { " [\($0)]" } ?? "")),
                        .init(finding.fixHint ?? "", .faint),
                    ]
                }))
    }

    private func count(_ severity: Finding.Severity) -> Int { findings.count { $0.severity == severity } }
}
