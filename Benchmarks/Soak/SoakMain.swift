import AlulaMeasuring
import AlulaRunning

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `alula-soak --binaries DIR --saboteurs DIR [--seconds N] [--seed N]`: keeps a gateway busy with everything at once, and
/// ends with 1 when an answer was wrong or lost, or when the gateway holds more at the end than after its warm-up.
@main
enum SoakMain {
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        Interruption.install()
        do {
            let settings = try SoakSettings(arguments: Array(CommandLine.arguments.dropFirst()))
            exit(try SoakRun.run(settings) ? 0 : 1)
        } catch {
            let known = error as? BenchmarkError
            Progress.note(known?.message ?? "\(error)", from: "soak")
            switch known?.code {
            case .usage: exit(64)
            // The gateway is gone, or does not come to an end.
            case .exitedEarly, .timedOut, .connectionClosed, .refused: exit(1)
            default: exit(70)
            }
        }
    }
}
