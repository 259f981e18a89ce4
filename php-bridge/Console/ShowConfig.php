<?php

declare(strict_types=1);

namespace Revurb\Console;

use Illuminate\Console\Command;
use Illuminate\Contracts\Debug\ExceptionHandler;
use JsonException;
use Revurb\Apps\UnknownAppProvider;
use Revurb\Apps\UnreadableApps;
use Revurb\Apps\UnusableApps;
use Revurb\Bridge\ConfigExcerpt;
use Revurb\Bridge\DocumentBuilder;
use Revurb\Bridge\NewKeys;
use Revurb\Bridge\RestartFlagAddress;
use Revurb\Bridge\UnusableRedis;
use Symfony\Component\Console\Attribute\AsCommand;
use Symfony\Component\Console\Formatter\OutputFormatter;
use Symfony\Component\Console\Output\OutputInterface;
use Throwable;

/**
 * Prints the document, which `revurb start --config FILE` reads on a machine without PHP. It asks for no events, which only a supervisor
 * reads, and has the server watch the restart flag itself.
 */
#[AsCommand(name: 'reverb:config')]
final class ShowConfig extends Command
{
    protected $signature = 'reverb:config
                {--show-secrets : Show secrets, which a server needs and a screen does not}
                {--new : Show instead which keys of Revurb the config/reverb.php of the application does not have}
                {--json : One line, for programs}';

    protected $description = 'Show the configuration that the Reverb server gets at its start';

    public function handle(DocumentBuilder $documentBuilder, RestartFlagAddress $flag, NewKeys $new, ConfigExcerpt $excerpt): int
    {
        if ($this->option('new')) {
            return $this->showNew($new, $excerpt);
        }

        try {
            $document = $documentBuilder->build()->watching($flag->toArray());
            $shown = $this->option('show-secrets') ? $document : $document->masked();
            $json = $shown->toJson($this->option('json') ? 0 : JSON_PRETTY_PRINT);
        } catch (UnreadableApps $exception) {
            // The stack trace goes to the log, as Laravel writes it for other exceptions.
            $this->laravel->make(ExceptionHandler::class)->report($exception);
            $this->components->error(OutputFormatter::escape($exception->getMessage()));

            return self::FAILURE;
        } catch (JsonException|UnknownAppProvider|UnusableApps|UnusableRedis $exception) {
            $this->components->error($exception->getMessage());

            return self::FAILURE;
        }

        $this->output->writeln($json, OutputInterface::OUTPUT_RAW);

        return self::SUCCESS;
    }

    private function showNew(NewKeys $new, ConfigExcerpt $excerpt): int
    {
        try {
            $missing = $new->find();
        } catch (Throwable $exception) {
            $this->components->error(OutputFormatter::escape("config/reverb.php cannot be read: {$exception->getMessage()}"));

            return self::FAILURE;
        }

        if ($this->option('json')) {
            $this->output->writeln((string) json_encode((object) $excerpt->defaults($missing), JSON_UNESCAPED_SLASHES), OutputInterface::OUTPUT_RAW);
        } elseif ($missing === []) {
            $this->components->info('config/reverb.php has every key of Revurb.');
        } else {
            if (! $new->hasFile()) {
                $this->components->warn('There is no config/reverb.php: `php artisan vendor:publish --tag=revurb-config` writes one with every key.');
            }

            $this->components->info(count($missing).' keys of Revurb are not in config/reverb.php. They have the defaults below and can be set by the variables in .env; copy to the file what you want to set there.');
            $this->output->writeln($excerpt->of($missing), OutputInterface::OUTPUT_RAW);
        }

        return self::SUCCESS;
    }
}
