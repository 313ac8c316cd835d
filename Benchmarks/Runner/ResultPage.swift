import AlulaMeasuring

/// What a page says about a whole run: who measured what where, the table, the plot.
struct ResultPage {
    let table: ResultTable
    let machine: Machine
    let seconds: Int

    var text: String {
        """
        `make bench` measures Alula against a deliberately naive sweep of the same facts on the gateway's own event loop, from a
        process of its own. The numbers below are from one run of \(seconds / 60) minutes on one machine, which gateway, clients and
        prober share: \(machine.description). `make bench ONLY=PART` measures the rows of one part, which is named in the last
        column; several are separated by commas.

        \(table.markdown)
        """
    }

    /// Puts `text` into the place for it on a page, with the plot below.
    static func put(_ text: String, into path: String) throws(BenchmarkError) {
        let plot = "\n![Lateness over time, naive and ours](Benchmarks/Results/lateness.svg)\n"
        try MarkedText.replace("bench", in: path, with: text + plot)
    }
}
