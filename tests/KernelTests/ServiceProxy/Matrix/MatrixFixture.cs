using KubeApi.Objects;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.Model;
using ServiceMatrix;
using ProxyMode = ServiceMatrix.ProxyMode;

namespace KernelTests.ServiceProxy.Matrix;

/// <summary>
/// The world with the rules of one mode on both nodes, and what came of every cell. It is made once for all tests of the mode. Node 1 gets
/// its rules Service by Service, node 2 all at once: both ways have to lead to the same.
/// </summary>
public abstract class MatrixFixture : IAsyncLifetime
{
    private readonly Dictionary<int, ServiceTable> tables = [];
    private readonly Dictionary<int, IRuleBackEnd> backEnds = [];
    private ILookup<string, CellResult> results = null!;

    internal abstract ProxyMode Mode { get; }
    internal MatrixWorld World { get; private set; } = null!;
    internal Asker Asker { get; } = new();

    internal abstract IRuleBackEnd BackEnd(TestSpace node);

    internal IEnumerable<CellResult> Of(string service) => results[service];

    public Task InitializeAsync() => Task.Run(async () => // not in xunit's context, which has few threads
    {
        World = await MatrixWorld.Create([.. MatrixService.All.Select(service => service.TargetPort)]);
        Service[] services = [.. MatrixService.All.Select(service => service.ToObject())];
        EndpointSlice[] slices = [.. MatrixService.All.Select(service => service.ToSlice())];
        await Task.WhenAll(OneByOne(1, services, slices), AtOnce(2, services, slices));
        results = (await new MatrixRun(World, Asker, Mode).All(MatrixService.All.SelectMany(Cell.Of))).ToLookup(result => result.Cell.Service.Name);
    });

    private async Task OneByOne(int node, Service[] services, EndpointSlice[] slices)
    {
        var (table, backEnd) = (tables[node], backEnds[node]) = (new(MatrixWorld.Facts(node)), BackEnd(World.Node(node)));
        await backEnd.Compare(table, write: true, default);
        foreach (var pair in services.Zip(slices).Chunk(5))
        {
            foreach (var (service, slice) in pair)
            {
                table.Put(service);
                table.Put(slice);
            }
            await backEnd.Apply(table, table.Take(), default);
        }
    }

    private async Task AtOnce(int node, Service[] services, EndpointSlice[] slices)
    {
        var (table, backEnd) = (tables[node], backEnds[node]) = (ServiceTable.Of(services, slices, MatrixWorld.Facts(node)), BackEnd(World.Node(node)));
        await backEnd.Compare(table, write: true, default);
    }

    /// <summary>What a new agent would change.</summary>
    internal Task<IReadOnlyList<Drift>> Drift(int node) => BackEnd(World.Node(node)).Compare(tables[node], write: false, default);

    /// <summary>What a node's kernel has for a Service.</summary>
    internal async Task<string> Rules(int node, MatrixService service) =>
        string.Join('\n', (await backEnds[node].State(tables[node], default))
            .Where(line => line.ApiObject.Contains($"matrix/{service.ObjectName} ") || line.ApiObject.Contains($"matrix/{service.ObjectName}-slice")).Select(line => line.KernelObject));

    public async Task DisposeAsync()
    {
        await Asker.DisposeAsync();
        await World.DisposeAsync();
    }
}
