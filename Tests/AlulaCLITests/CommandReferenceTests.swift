import AlulaTestSupport
import Testing

@testable import AlulaCLI

struct CommandReferenceTests {
    /// `make reference` runs this test with `UPDATE_FIXTURES=1`.
    @Test func thePageIsUpToDate() {
        let page = Fixture("../../../Documentation/Reference/commands.md", of: "AlulaProtocolTests")
        #expect(page.matches(CommandReference.page), "Run make reference.")
    }

    @Test func everyCommandIsOnThePageWithAnExampleAndItsOptions() throws {
        let lines = CommandReference.page.split(separator: "\n").map(String.init)
        let commands = DescribedCommand.all
        #expect(commands.count > 40)
        for command in commands where command.isShown {
            #expect(lines.contains("## \(command.path)"), "\(command.path)")
            #expect(!command.abstract.isEmpty, "\(command.path)")
            #expect(command.usage?.contains("alula ") == true, "\(command.path) has no example")
            for argument in command.arguments {
                #expect(lines.contains { $0.hasPrefix("| `\(argument.names)` |") }, "\(command.path) \(argument.names)")
                #expect(!argument.help.isEmpty, "\(command.path) \(argument.names) is not explained")
            }
        }
    }

    @Test func aCommandWithTwoPlacesIsDescribedWhereItIsAtHome() throws {
        let install = try #require(DescribedCommand.all.first { $0.path == "alula gateway install" })
        #expect(install.original == "alula service install")
        let home = try #require(DescribedCommand.all.first { $0.path == "alula service install" })
        #expect(home.original == nil)
    }
}
