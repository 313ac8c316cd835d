import AlulaPrimitives
import Testing

@testable import AlulaState

struct WatchStateTests {
    private static let start = ContinuousClock.now

    private func time(_ seconds: Int) -> Deadline { Deadline(Self.start.advanced(by: .seconds(seconds))) }

    /// A state with one worker that has armed `paths`, each through its directory with a number of its own.
    private func armed(_ paths: [String], isWatched: Bool = true) -> WatchState {
        var state = WatchState()
        let worker = state.addWorker(at: time(0))
        state.replaceWanted(by: Set(paths), at: time(0))
        while let (job, reports) = state.nextJob(for: worker, at: time(0)) {
            let place = WatchMap.split(job.path)
            let watch = Int32((paths.firstIndex(of: job.path) ?? 0) + 1)
            state.noteWatch(watch, of: place.directory)
            state.finishArming(job.path, .init(places: [place], isWatched: isWatched), reports: reports)
            _ = state.finishJob(of: worker)
        }
        _ = state.takeChanged()
        return state
    }

    @Test func reportsEachNewPathOnce() {
        var state = WatchState()
        let worker = state.addWorker(at: time(0))
        state.replaceWanted(by: ["/a/f"], at: time(0))
        state.replaceWanted(by: ["/a/f"], at: time(0))
        #expect(state.isArming)
        let next = state.nextJob(for: worker, at: time(0))
        #expect(next?.job == .arm("/a/f"))
        state.finishArming("/a/f", .init(), reports: next?.reports ?? false)
        let changed = state.takeChanged()
        #expect(changed == ["/a/f"])
        let later = state.nextJob(for: worker, at: time(0))
        #expect(later == nil)
    }

    @Test func takesEverythingForChangedAfterAnOverflow() {
        var state = armed(["/a/f", "/b/g"])
        state.take([DirectoryEvent(watch: -1, kind: .overflow, name: "")])
        #expect(state.changed == ["/a/f", "/b/g"])
        #expect(state.isArming)
    }

    @Test func ignoresNamesAndDirectoriesThatItDoesNotKnow() {
        var state = armed(["/a/f"])
        state.take([
            DirectoryEvent(watch: 1, kind: .content, name: "other"),
            DirectoryEvent(watch: 9, kind: .content, name: "f"),
        ])
        #expect(state.changed.isEmpty)
        state.take([DirectoryEvent(watch: 1, kind: .content, name: "f")])
        #expect(state.changed == ["/a/f"])
        #expect(!state.isArming)
    }

    @Test func armsAgainWhenTheDirectoryIsGone() {
        var state = armed(["/a/f"])
        state.take([DirectoryEvent(watch: 1, kind: .directoryGone, name: "")])
        #expect(state.changed == ["/a/f"])
        #expect(state.isArming)
        #expect(state.watchedDirectories == 0)
    }

    @Test func forgetsChangesOfPathsThatAreNoLongerWanted() {
        var state = armed(["/a/f"])
        state.take([DirectoryEvent(watch: 1, kind: .content, name: "f")])
        state.replaceWanted(by: [], at: time(1))
        #expect(state.changed.isEmpty)
        #expect(state.nextTick(at: time(1)) == nil)
    }

    @Test func sweepsEverythingEveryHalfMinute() {
        var state = armed(["/a/f"])
        let worker = state.addWorker(at: time(0))
        #expect(state.nextTick(at: time(1)) == time(30))
        let needsWorker = state.tick(at: time(29))
        #expect(!needsWorker)
        let early = state.nextJob(for: worker, at: time(29))
        #expect(early == nil)
        _ = state.tick(at: time(30))
        let due = state.nextJob(for: worker, at: time(30))
        #expect(due?.job == .look("/a/f"))
        #expect(state.nextTick(at: time(30)) == time(32))
        state.finishLooking("/a/f", nil)
        _ = state.finishJob(of: worker)
        #expect(state.nextTick(at: time(31)) == time(60))
        #expect(state.changed.isEmpty)
    }

    @Test func pollsEverySecondWhatCannotBeWatched() {
        var state = armed(["/a/f"], isWatched: false)
        #expect(state.polled == ["/a/f"])
        #expect(state.nextTick(at: time(5)) == time(5))
        _ = state.tick(at: time(5))
        #expect(state.nextTick(at: time(5)) == time(6))
    }

    @Test func replacesAWorkerThatHangsAndKeepsAwayFromWhatHoldsIt() {
        var state = WatchState()
        let first = state.addWorker(at: time(0))
        state.replaceWanted(by: ["/hung/f"], at: time(0))
        let held = state.nextJob(for: first, at: time(0))
        #expect(held?.job == .arm("/hung/f"))
        state.replaceWanted(by: ["/hung/f", "/hung/sub/g", "/fine/f"], at: time(0))
        let needsWorkerEarly = state.tick(at: time(1))
        #expect(!needsWorkerEarly)
        let needsWorker = state.tick(at: time(2))
        #expect(needsWorker)
        #expect(state.stuckWorkers == 1)

        let second = state.addWorker(at: time(2))
        let fine = state.nextJob(for: second, at: time(2))
        #expect(fine?.job == .arm("/fine/f"))
        let finished = state.finishJob(of: second)
        #expect(finished.goesOn)
        let nothing = state.nextJob(for: second, at: time(2))
        #expect(nothing == nil)
        let needsAnother = state.tick(at: time(3))
        #expect(!needsAnother)

        let returned = state.finishJob(of: first)
        #expect(!returned.goesOn)
        #expect(state.stuckWorkers == 0)
        let afterwards = state.nextJob(for: second, at: time(4))
        #expect(afterwards?.job == .arm("/hung/sub/g"))
    }

    @Test func hasNoMoreThanItsMaximumOfWorkers() {
        var state = WatchState()
        let paths = (0..<20).map { "/d\($0)/f" }
        state.replaceWanted(by: Set(paths), at: time(0))
        var started = 0
        var now = 0
        repeat {
            let worker = state.addWorker(at: time(now))
            started += 1
            let job = state.nextJob(for: worker, at: time(now))
            #expect(job != nil)
            now += 2
        } while state.tick(at: time(now))
        #expect(started == WatchState.maximumWorkers)
    }
}
