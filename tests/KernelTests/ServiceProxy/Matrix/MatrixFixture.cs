using NodeAgent.ServiceProxy;
using ServiceMatrix;
using ProxyMode = ServiceMatrix.ProxyMode;

namespace KernelTests.ServiceProxy.Matrix;

/// <summary>
/// The world with the rules of one mode on both nodes, and what came of every cell. It is made once for all tests of the mode. Node 1 gets
/// its rules Service by Service, node 2 all at once: both ways have to lead to the same.
/// </summary>
public abstract class MatrixFixture : IAsyncLifetime
{
    private const int AtATime = 5;

    private ILookup<string, CellResult> results = null!;

    internal abstract ProxyMode Mode { get; }
    internal MatrixWorld World { get; private set; } = null!;
    internal IReadOnlyDictionary<int, MatrixNode> Nodes { get; private set; } = null!;
    internal Asker Asker { get; } = new();

    internal abstract IRuleBackEnd BackEnd(TestSpace node);

    internal IEnumerable<CellResult> Of(string service) => results[service];

    public Task InitializeAsync() => Task.Run(async () => // not in xunit's context, which has few threads
    {
        World = await MatrixWorld.Create([.. MatrixService.All.Select(service => service.TargetPort), .. ExtraService.TargetPorts]);
        Nodes = AddressPlan.Nodes.ToDictionary(node => node, node => new MatrixNode(node, () => BackEnd(World.Node(node))));
        await Task.WhenAll(OneByOne(Nodes[1]), AtOnce(Nodes[2]));
        results = (await new MatrixRun(World, Asker, Mode).All(MatrixService.All.SelectMany(Cell.Of))).ToLookup(result => result.Cell.Service.Name);
    });

    private static async Task OneByOne(MatrixNode node)
    {
        await node.Mend();
        foreach (var services in MatrixService.All.Chunk(AtATime)) await node.Change(table =>
        {
            foreach (var service in services)
            {
                table.Put(service.ToObject());
                table.Put(service.ToSlice());
            }
        });
    }

    private static async Task AtOnce(MatrixNode node)
    {
        node.Table.Replace([.. MatrixService.All.Select(service => service.ToObject())], [.. MatrixService.All.Select(service => service.ToSlice())]);
        node.Table.Take();
        await node.Mend();
    }

    /// <summary>Changes what all nodes know.</summary>
    internal Task Change(Action<NodeAgent.ServiceProxy.Model.ServiceTable> change) => Task.WhenAll(Nodes.Values.Select(node => node.Change(change)));

    public async Task DisposeAsync()
    {
        await Asker.DisposeAsync();
        await World.DisposeAsync();
    }
}
