using EndToEndTests.Durability;
using EndToEndTests.Fixture;

namespace EndToEndTests.OpenApi;

/// <summary>A control plane without nodes, for what kubectl and the API server have to say to each other alone.</summary>
public sealed class SingleControlPlane : IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("nodeagent-e2e-").FullName;
    private readonly ControlPlaneProcess plane;

    public SingleControlPlane() => plane = new ControlPlaneProcess($"{directory}/data");

    public async Task InitializeAsync()
    {
        using var api = await plane.Client(); // writes the kubeconfig
        plane.Start();
        await plane.Listening();
    }

    public Task DisposeAsync()
    {
        plane.Dispose();
        Directory.Delete(directory, recursive: true);
        return Task.CompletedTask;
    }

    /// <param name="name">As in <see cref="EndToEndTest.BothKubectls"/>.</param>
    internal Kubectl User(string name) => new(Repository.Kubectl(name), $"{plane.DataDirectory}.kubeconfig");
}
