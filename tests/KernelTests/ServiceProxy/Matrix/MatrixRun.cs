using ServiceMatrix;

namespace KernelTests.ServiceProxy.Matrix;

/// <summary>Tries every cell in the world, many at once.</summary>
internal sealed class MatrixRun(MatrixWorld world, Asker asker, ProxyMode mode)
{
    /// <summary>More than a second: a lost first segment of TCP would be sent again within it, and an answer be noticed.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1.3);

    /// <summary>Only a fault reaches it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Until each of several endpoints has answered; the bound is reached by an even draw of four once in ten billion times.</summary>
    private const int MostAsked = 90, LeastAsked = 2, Lot = 256, SilentLot = 2000;

    public async Task<IReadOnlyList<CellResult>> All(IEnumerable<Cell> cells)
    {
        var (silent, others) = (new List<CellResult>(), new List<CellResult>());
        foreach (var cell in cells)
        {
            var expected = Expectation.Of(cell, mode);
            (expected.Outcome == Outcome.Silent ? silent : others).Add(new(cell, expected, []));
        }
        var results = new List<CellResult>(await Ask(silent, Silence, SilentLot));
        for (var asked = 0; others.Count > 0 && asked < MostAsked; asked += LeastAsked)
        {
            for (var i = 0; i < LeastAsked; i++) others = await Ask(others, Patience, Lot);
            results.AddRange(others.Where(IsDone));
            others.RemoveAll(IsDone);
        }
        return [.. results, .. others];
    }

    private static bool IsDone(CellResult result) => result.IsRight || !result.IsClean;

    private async Task<List<CellResult>> Ask(List<CellResult> results, TimeSpan patience, int atOnce)
    {
        var answers = await asker.Ask([.. results.Select(result => QuestionOf(result.Cell))], patience, atOnce);
        return [.. results.Zip(answers, (result, answer) => result with { Answers = [.. result.Answers, answer] })];
    }

    private Question QuestionOf(Cell cell) => new(SpaceOf(cell), cell.Vantage is Vantage.Outside or Vantage.Stranger ? cell.Source : null, cell.Protocol, cell.Address, cell.Port);

    private TestSpace SpaceOf(Cell cell) => cell.Vantage switch
    {
        Vantage.Pod => world.ClientPod(cell.Entry), Vantage.EndpointPod => world.SpaceOf(Server.Pod(cell.Entry)), Vantage.Node => world.Node(cell.Entry),
        Vantage.PeerPod => world.ClientPod(AddressPlan.Other(cell.Entry)), Vantage.PeerNode => world.Node(AddressPlan.Other(cell.Entry)), _ => world.Outside,
    };
}
