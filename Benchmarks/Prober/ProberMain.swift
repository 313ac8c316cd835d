import BenchmarkMeasuring

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `alula-bench-prober --port N --token T --origin NS --output FILE …`: asks a gateway on the dot and writes down when
/// it answered. Closing its standard input ends the asking.
@main
enum ProberMain {
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        // The measuring instrument must not wait behind what it measures. Not permitted to everyone, and then left.
        #if canImport(Glibc)
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, -10)
        #else
        setpriority(PRIO_PROCESS, 0, -10)
        #endif
        do {
            let plan = try ProbePlan(arguments: Array(CommandLine.arguments.dropFirst()))
            let prober = Prober(plan: plan)
            let samples = try prober.run()
            try TextFile.write(samples.map { $0.line + "\n" }.joined(), to: plan.output)
        } catch {
            print("alula-bench-prober: \(error)")
            exit(70)
        }
    }
}
