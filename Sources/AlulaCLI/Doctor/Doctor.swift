import AlulaAuth
import AlulaConfiguration

/// Runs checks and collects what they find.
struct Doctor {
    let session: CommandSession
    let runsHelpers: Bool

    /// - Parameters:
    ///   - only: Ids, or beginnings of ids, of the checks to run; empty means all.
    ///   - skipped: Those not to run.
    func examine(
        only: [String] = [], skipping skipped: [String] = [], checks: [DoctorCheck] = DoctorCheck.all
    ) async throws -> DoctorReport {
        let scene = try await scene()
        var report = DoctorReport()
        for check in checks {
            let isWanted = only.isEmpty || only.contains { check.id.hasPrefix($0) }
            guard isWanted, !skipped.contains(where: { check.id.hasPrefix($0) }) else {
                report.checksSkipped += 1
                continue
            }
            do {
                switch try await check.run(scene) {
                case .skipped: report.checksSkipped += 1
                case .findings(let findings):
                    report.checksRun += 1
                    report.findings += findings
                }
            } catch let error as CancellationError {
                throw error
            } catch {
                report.checksRun += 1
                report.findings.append(
                    Finding(check.id, .warning, "The check could not be made.", fixHint: "run alula doctor again"))
            }
        }
        return report
    }

    private func scene() async throws -> DoctorScene {
        let environment = session.environment
        let configuration = try await environment.loadConfiguration(session.context)
        var prepared: PreparedAuth?
        var failure: String?
        do {
            prepared = try await environment.localAnswers(session.context).prepared(runsHelpers: runsHelpers)
        } catch let error as CommandError {
            failure = error.message
        } catch let error as CancellationError {
            throw error
        } catch {
            failure = "The providers could not be looked at."
        }
        return DoctorScene(
            environment: environment, context: session.context, configuration: configuration, prepared: prepared,
            preparationFailure: failure, gateway: try await environment.locator.runningGateway(session.context),
            ranHelpers: runsHelpers)
    }
}
