import AlulaMeasuring

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
        takePrecedence()
        // A burst needs a descriptor for each visit.
        SocketLimit.raise()
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

    /// The measuring instrument must not wait behind what it measures, nor behind a compiler that runs beside it.
    /// Not everybody may ask for that; the samples tell how late the prober was, in either case.
    private static func takePrecedence() {
        #if canImport(Glibc)
        var parameters = sched_param()
        parameters.sched_priority = 1
        if sched_setscheduler(0, SCHED_FIFO, &parameters) == 0 { return }
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, -10)
        #else
        setpriority(PRIO_PROCESS, 0, -10)
        #endif
    }
}
