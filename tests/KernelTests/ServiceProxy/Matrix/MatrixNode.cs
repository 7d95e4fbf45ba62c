using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.Model;
using ServiceMatrix;

namespace KernelTests.ServiceProxy.Matrix;

/// <summary>What a node's agent knows, and its way into the kernel.</summary>
/// <param name="open">A further back end of the same mode, which knows nothing yet.</param>
internal sealed class MatrixNode(int number, Func<IRuleBackEnd> open)
{
    private readonly IRuleBackEnd backEnd = open();

    public ServiceTable Table { get; } = new(MatrixWorld.Facts(number));

    /// <summary>Reads the kernel and makes it as the table says.</summary>
    public Task Mend() => backEnd.Compare(Table, write: true, default);

    /// <summary>Changes the table, and the kernel as far as that changes something.</summary>
    public async Task Change(Action<ServiceTable> change)
    {
        change(Table);
        await backEnd.Apply(Table, Table.Take(), default);
        for (var i = 0; backEnd.HasLeftovers && i < 3; i++) await backEnd.Apply(Table, TableChanges.None, default);
    }

    /// <summary>What a new agent would change.</summary>
    public async Task<IReadOnlyList<string>> Drift() => [.. (await open().Compare(Table, write: false, default)).Select(drift => drift.ToString())];

    /// <summary>What the kernel has, with the objects that it came from.</summary>
    public async Task<IReadOnlyList<string>> State() => [.. (await open().State(Table, default)).Select(line => line.ToString()).Order(StringComparer.Ordinal)];

    /// <summary>What the kernel has for a Service.</summary>
    public async Task<string> Rules(MatrixService service) =>
        string.Join('\n', (await State()).Where(line => line.Contains($"matrix/{service.ObjectName} ") || line.Contains($"matrix/{service.ObjectName}-slice")));
}
