using System.CommandLine;
using NodeAgent;

// run: Agent.cs · state: StateCommand.cs · plan: PlanCommand.cs · cleanup: CleanupCommand.cs · image: ImageCommands.cs
return await CommandLine.Run(new RootCommand("The agent of a node: pods, their network, and Services.")
{
    RunCommand.Create(), StateCommand.Create(), PlanCommand.Create(), CleanupCommand.Create(), ImageCommands.Create(),
}, args);
