using KubeApi.Objects;
using ServiceMatrix;

namespace KernelTests.ServiceProxy.Matrix;

/// <summary>Every meaning of a Service as a real connection, from every vantage point; what does not fit into the matrix stands in the other parts.</summary>
public abstract partial class MatrixTests(MatrixFixture fixture)
{
    /// <summary>Only a fault reaches it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15), Silence = TimeSpan.FromSeconds(1.3);

    private const int AtOnce = 256;

    public static TheoryData<string> Services => new(MatrixService.All.Select(service => service.Name));

    [Theory, MemberData(nameof(Services))]
    public async Task Every_connection_ends_as_kubernetes_says(string service)
    {
        var wrong = fixture.Of(service).Where(result => !result.IsRight).ToList();
        Assert.NotEmpty(fixture.Of(service));
        if (wrong.Count == 0) return;
        var cell = wrong[0].Cell;
        Assert.Fail($"{wrong.Count} of {fixture.Of(service).Count()} connections to \"{service}\" in mode {fixture.Mode.Name}:\n{string.Join('\n', wrong.Take(40))}\n\n"
            + $"node {cell.Entry} has for it:\n{await fixture.Nodes[cell.Entry].Rules(cell.Service)}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_kernel_has_what_was_written(int node) => Assert.Equal([], await fixture.Nodes[node].Drift());

    private Task<IReadOnlyList<string>> Ask(IEnumerable<Question> questions) => fixture.Asker.Ask([.. questions], Patience, AtOnce);

    private async Task<string> Ask(TestSpace from, string protocol, string address, int port, string? source = null) =>
        Assert.Single(await Ask([new(from, source, protocol, address, port)]));

    private async Task<string> AskInVain(TestSpace from, string protocol, string address, int port, string? source = null) =>
        Assert.Single(await fixture.Asker.Ask([new(from, source, protocol, address, port)], Silence, AtOnce));

    private Task Put(Service service, params EndpointSlice[] slices) => fixture.Change(table =>
    {
        table.Put(service);
        foreach (var slice in slices) table.Put(slice);
    });

    private Task Remove(Service service, params EndpointSlice[] slices) => fixture.Change(table =>
    {
        table.Remove(service);
        foreach (var slice in slices) table.Remove(slice);
    });
}
