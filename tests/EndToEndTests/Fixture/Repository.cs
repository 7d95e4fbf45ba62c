using System.Runtime.CompilerServices;

namespace EndToEndTests.Fixture;

/// <summary>Where things are in the checkout that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Path.GetFullPath("../../..", Path.GetDirectoryName(ThisFile())!);

    /// <summary>The guide's manifests.</summary>
    public static string Guide => $"{Root}/scripts/guide";

    /// <summary>Debian 12's kubectl, made by scripts/kubectl-1.20.</summary>
    public static string OldKubectl => $"{Root}/out/kubectl-1.20/kubectl";

    /// <param name="name">"1.20.2" is Debian 12's, "installed" is what PATH has.</param>
    public static string Kubectl(string name) => name switch
    {
        "1.20.2" => OldKubectl,
        "installed" => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(directory => $"{directory}/kubectl").FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("there is no kubectl on this machine; run: sudo scripts/setup"),
        _ => throw new ArgumentException($"no kubectl is called {name}"),
    };

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
