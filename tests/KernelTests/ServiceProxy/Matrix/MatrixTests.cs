using ServiceMatrix;

namespace KernelTests.ServiceProxy.Matrix;

/// <summary>Every meaning of a Service as a real connection, from every vantage point; one case per Service, each some 160 connections.</summary>
public abstract class MatrixTests(MatrixFixture fixture)
{
    public static TheoryData<string> Services => new(MatrixService.All.Select(service => service.Name));

    [Theory, MemberData(nameof(Services))]
    public async Task Every_connection_ends_as_kubernetes_says(string service)
    {
        var wrong = fixture.Of(service).Where(result => !result.IsRight).ToList();
        if (wrong.Count == 0) return;
        var rules = await fixture.Rules(wrong[0].Cell.Entry, wrong[0].Cell.Service);
        Assert.Fail($"{wrong.Count} of {fixture.Of(service).Count()} connections to \"{service}\" in mode {fixture.Mode.Name}:\n{string.Join('\n', wrong.Take(40))}\n\nnode {wrong[0].Cell.Entry} has for it:\n{rules}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_kernel_has_what_was_written(int node) => Assert.Equal([], (await fixture.Drift(node)).Select(drift => drift.ToString()));
}
