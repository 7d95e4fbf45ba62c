using ServiceMatrix;

namespace KernelTests.ServiceProxy.Matrix;

/// <summary>What a cell shall bring, and what it brought.</summary>
internal sealed record CellResult(Cell Cell, Expectation Expected, IReadOnlyList<string> Answers)
{
    /// <summary>Nothing but what is expected so far.</summary>
    public bool IsClean => Answers.All(answer => Expected.Outcome switch
    {
        Outcome.Refused => answer == Asker.Refused, Outcome.Silent => answer == Asker.Silent, _ => Expected.Answers.Contains(answer),
    });

    /// <summary>And all of that.</summary>
    public bool IsRight => Answers.Count > 0 && IsClean && Expected.Answers.All(Answers.Contains);

    public override string ToString() => $"{Cell,-56} expected {Tell(Expected.Outcome == Outcome.Served ? Expected.Answers : [Expected.Outcome.ToString()])}\n{"",-60} got {Tell(Answers)}";

    private static string Tell(IReadOnlyList<string> answers) => string.Join(", ", answers.GroupBy(answer => answer).Select(same => same.Count() == 1 ? same.Key : $"{same.Key} ({same.Count()} times)"));
}
