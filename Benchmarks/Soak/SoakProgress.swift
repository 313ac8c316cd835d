import AlulaMeasuring
import AlulaRunning
import AlulaSoaking

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How far a soak is: each second on a terminal, now and then elsewhere.
struct SoakProgress {
    private static let pauseElsewhere = 30.0

    private let seconds: Double
    private let isTerminal = isatty(2) == 1
    private var next = 0.0

    init(seconds: Double) { self.seconds = seconds }

    mutating func show(_ sample: SoakSample, _ stage: SoakStage) {
        guard sample.seconds >= next else { return }
        let fault = stage.currentFault.map { ", fault \($0)" } ?? ""
        let memory = (Double(sample.privateKilobytes) / 102.4).rounded() / 10
        let line =
            "\(Int(sample.seconds)) of about \(Int(seconds)) s: \(sample.connections) connections, "
            + "\(stage.tally.judged) answers, \(stage.tally.amissCount) not right, \(memory) MB, "
            + "\(sample.descriptors) descriptors, \(sample.threads) threads\(fault)"
        if isTerminal {
            next = 0
            let bytes = Array("\r\u{1B}[Ksoak: \(line)".utf8)
            _ = write(2, bytes, bytes.count)
        } else {
            next = sample.seconds + Self.pauseElsewhere
            Progress.note(line, from: "soak")
        }
    }
}
