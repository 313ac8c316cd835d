import AlulaFleet
import AlulaMeasuring
import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `alula-bench-naive --root DIR --agents N --fault KIND --port N`: what a gateway does that reads on its own event
/// loop. It stands beside the real one in the benchmark and nowhere else.
@main
enum NaiveMain {
    /// How long after the port opened the sweep begins: the prober is at work by then.
    private static let sweepDelay = TimeAmount.milliseconds(1000)

    static func main() {
        signal(SIGPIPE, SIG_IGN)
        do {
            let options = try NaiveOptions(arguments: Array(CommandLine.arguments.dropFirst()))
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let loop = group.next()
            // The alarm that bounds an `open` has to interrupt the loop's thread, the only other one there is.
            var alarms = sigset_t()
            sigemptyset(&alarms)
            sigaddset(&alarms, SIGALRM)
            pthread_sigmask(SIG_BLOCK, &alarms, nil)
            let timer = LoopTimer()
            let channel = try NaiveServer.bootstrap(group: group, timer: timer)
                .bind(host: "127.0.0.1", port: options.fleet.port).wait()
            // Everything below runs on the loop, one after the other, as in a program with one thread.
            let bound = loop.submit { timer.start(on: loop) }
            try bound.wait()
            loop.scheduleTask(in: sweepDelay) {
                var sweep = NaiveSweep(fleet: options.fleet, fifoBoundSeconds: options.fifoBoundSeconds)
                let start = MonotonicTime.now
                let answers = sweep.run()
                let milliseconds = Int(MonotonicTime.now.milliseconds(since: start))
                print("naive sweep answers=\(answers) in \(milliseconds)ms")
                fflush(nil)
                // The timer fires once more before it is asked how late it was.
                loop.scheduleTask(in: .milliseconds(250)) {
                    print("naive timer worst lateness \(timer.worstMilliseconds)ms")
                    fflush(nil)
                }
            }
            try channel.closeFuture.wait()
        } catch {
            print("alula-bench-naive: \(error)")
            exit(70)
        }
    }
}
