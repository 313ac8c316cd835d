import AlulaFaults
import AlulaMeasuring
import AlulaRunning

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `alula-chaos faults --binaries DIR --saboteurs DIR [--only NAME,…] [--quick]` runs the gateway under each fault alone
/// and under all together; `alula-chaos list` prints the names. It ends with 1 when an answer was lost or wrong.
@main
enum ChaosMain {
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        Interruption.install()
        do {
            let settings = try ChaosSettings(arguments: Array(CommandLine.arguments.dropFirst()))
            switch settings.work {
            case .list: for fault in FaultCatalog.all() { print("\(fault.id)  \(fault.title)") }
            case .faults: exit(try ChaosReport.make(settings) ? 0 : 1)
            }
        } catch {
            Progress.note("\(error)", from: "chaos")
            exit((error as? BenchmarkError)?.code == .usage ? 64 : 70)
        }
    }
}
