import AlulaFleet
import AlulaMeasuring

/// Draws latencies over time as an SVG that stands alone: no script, no font, light and dark.
struct LatenessPlot {
    private static let width = 880.0
    private static let panelHeight = 190.0
    private static let top = 64.0
    private static let left = 76.0
    private static let right = 24.0
    /// Milliseconds at the lower and the upper end of each panel.
    private static let floor = 0.1
    private static let ceiling = 100_000.0
    /// Samples within one bin are drawn as their worst.
    private static let binMilliseconds = 50.0

    let measurements: [LatenessMeasurement]

    /// The whole document.
    func svg() -> String {
        let faults = FleetFault.allCases.filter { fault in measurements.contains { $0.fault == fault } }
        let height = Self.top + Double(faults.count) * Self.panelHeight + 36
        let end = max(measurements.flatMap { $0.samples.map(\.due) }.max() ?? 0, 1000)
        var parts = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Self.text(Self.width)) \(Self.text(height))\" "
                + "role=\"img\" aria-label=\"Latency of /healthz over time, Alula and a naive gateway\">",
            Self.style,
            "<text class=\"head\" x=\"\(Self.text(Self.left))\" y=\"22\">/healthz while 237 agents × all providers "
                + "are warmed, asked every 10 ms from outside</text>",
            legend(),
        ]
        for (place, fault) in faults.enumerated() {
            let bottom = Self.top + Double(place + 1) * Self.panelHeight - 22
            parts += panel(fault, bottom: bottom, end: end)
        }
        parts.append(
            "<text class=\"word\" text-anchor=\"end\" x=\"\(Self.text(Self.width - Self.right))\" "
                + "y=\"\(Self.text(height - 10))\">seconds since the start of the process</text>")
        parts.append("</svg>")
        return parts.joined(separator: "\n") + "\n"
    }

    private static let style = """
        <style>
        .head { font: 600 15px system-ui, sans-serif; fill: #1f2328 }
        .word { font: 12px system-ui, sans-serif; fill: #59636e }
        .grid { stroke: #d1d9e0; stroke-width: 1 }
        .bound { stroke: #9a6700; stroke-width: 1; stroke-dasharray: 4 4 }
        .line { fill: none; stroke-width: 1.6; stroke-linejoin: round }
        .alula { stroke: #0969da } .naive { stroke: #cf222e }
        @media (prefers-color-scheme: dark) {
        .head { fill: #f0f6fc } .word { fill: #9198a1 } .grid { stroke: #3d444d } .bound { stroke: #d29922 }
        .alula { stroke: #4493f8 } .naive { stroke: #f85149 }
        }
        </style>
        """

    private func legend() -> String {
        let y = "44"
        return """
            <path class="line alula" d="M76 40h28"/><text class="word" x="110" y="\(y)">Alula</text>
            <path class="line naive" d="M170 40h28"/><text class="word" x="204" y="\(y)">the same facts, read on \
            the event loop</text>
            <path class="bound" d="M470 40h28"/><text class="word" x="504" y="\(y)">50 ms, our bound</text>
            """
    }

    private func panel(_ fault: FleetFault, bottom: Double, end: Double) -> [String] {
        let height = Self.panelHeight - 44
        func y(_ milliseconds: Double) -> Double {
            let share =
                Self.decimalLogarithm(min(max(milliseconds, Self.floor), Self.ceiling) / Self.floor)
                / Self.decimalLogarithm(Self.ceiling / Self.floor)
            return bottom - share * height
        }
        func x(_ milliseconds: Double) -> Double {
            Self.left + milliseconds / end * (Self.width - Self.left - Self.right)
        }
        var parts: [String] = []
        for (value, label) in [
            (0.1, "0.1 ms"), (1, "1 ms"), (10, "10 ms"), (100, "100 ms"), (1000, "1 s"), (10_000, "10 s"),
            (100_000, "100 s"),
        ] {
            let place = Self.text(y(value))
            parts.append(
                "<path class=\"grid\" d=\"M\(Self.text(Self.left)) \(place)H\(Self.text(Self.width - Self.right))\"/>"
                    + "<text class=\"word\" text-anchor=\"end\" x=\"\(Self.text(Self.left - 8))\" "
                    + "y=\"\(Self.text(y(value) + 4))\">\(label)</text>")
        }
        parts.append(
            "<path class=\"bound\" d=\"M\(Self.text(Self.left)) \(Self.text(y(50)))"
                + "H\(Self.text(Self.width - Self.right))\"/>")
        let step = end > 20_000 ? 5000.0 : end > 8000 ? 2000.0 : 1000.0
        for tick in stride(from: 0, through: end, by: step) {
            parts.append(
                "<text class=\"word\" text-anchor=\"middle\" x=\"\(Self.text(x(tick)))\" "
                    + "y=\"\(Self.text(bottom + 16))\">\(Int(tick / 1000))</text>")
        }
        parts.append(
            "<text class=\"head\" text-anchor=\"end\" x=\"\(Self.text(Self.width - Self.right - 6))\" "
                + "y=\"\(Self.text(bottom - height + 16))\">\(fault.title)</text>")
        for contender in [Contender.naive, .alula] {
            guard let measurement = measurements.first(where: { $0.fault == fault && $0.contender == contender })
            else { continue }
            let points = Self.bins(measurement.samples.filter { $0.kind == .healthz })
                .map { "\(Self.text(x($0.due))) \(Self.text(y($0.worst)))" }
            parts.append("<path class=\"line \(contender.rawValue)\" d=\"M\(points.joined(separator: "L"))\"/>")
        }
        return parts
    }

    /// The worst latency among the questions that were due within each bin.
    private static func bins(_ samples: [ProbeSample]) -> [(due: Double, worst: Double)] {
        var worst: [Int: Double] = [:]
        for sample in samples {
            worst[Int(sample.due / binMilliseconds), default: 0] = max(
                worst[Int(sample.due / binMilliseconds), default: 0], sample.latency)
        }
        return worst.sorted { $0.key < $1.key }.map { (Double($0.key) * binMilliseconds, $0.value) }
    }

    /// To three digits behind the point, which is finer than a pixel; spares the mathematics library.
    private static func decimalLogarithm(_ value: Double) -> Double {
        var value = value
        var whole = 0.0
        while value >= 10 {
            value /= 10
            whole += 1
        }
        var fraction = 0.0
        var weight = 0.5
        while weight > 0.0005 {
            value *= value
            if value >= 10 {
                value /= 10
                fraction += weight
            }
            weight /= 2
        }
        return whole + fraction
    }

    private static func text(_ value: Double) -> String {
        let rounded = (value * 10).rounded() / 10
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}
