/* A libnvidia-ml.so.1 that answers what the file named by PRETEND_NVML says, read at each call.
   A line is a name and a number: `cards 2`, `0.milliwatts 61500`. A number below zero is that NVML
   error; a name that is missing is "not supported". Each opening adds a byte to the file whose name
   ends in .opened. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, NOT_SUPPORTED = 3 };

typedef struct { unsigned int gpu, memory; } utilization_t;
typedef struct { unsigned long long total, free, used; } memory_t;

static int cards[16];

static int look_up(const char *name, unsigned long long *value)
{
    const char *path = getenv("PRETEND_NVML");
    FILE *file = path ? fopen(path, "r") : NULL;
    char found[64];
    long long number;
    int result = NOT_SUPPORTED;
    while (file && fscanf(file, "%63s %lld", found, &number) == 2)
        if (strcmp(found, name) == 0) {
            result = number < 0 ? (int)-number : SUCCESS;
            *value = number < 0 ? 0 : (unsigned long long)number;
        }
    if (file)
        fclose(file);
    return result;
}

static int of_card(void *card, const char *what, unsigned long long *value)
{
    char name[64];
    snprintf(name, sizeof name, "%d.%s", *(int *)card, what);
    return look_up(name, value);
}

static int of_card_int(void *card, const char *what, unsigned int *value)
{
    unsigned long long wide = 0;
    int result = of_card(card, what, &wide);
    *value = (unsigned int)wide;
    return result;
}

int nvmlInitWithFlags(unsigned int flags)
{
    unsigned long long ignored;
    char path[512];
    FILE *opened;
    int result = look_up("init", &ignored);
    (void)flags;
    snprintf(path, sizeof path, "%s.opened", getenv("PRETEND_NVML"));
    if ((opened = fopen(path, "a")) != NULL) {
        fputc('.', opened);
        fclose(opened);
    }
    return result == NOT_SUPPORTED ? SUCCESS : result;
}

int nvmlShutdown(void) { return SUCCESS; }

const char *nvmlErrorString(int code)
{
    static char text[64];
    if (code == 15)
        return "GPU is lost";
    snprintf(text, sizeof text, "error %d", code);
    return text;
}

int nvmlDeviceGetCount_v2(unsigned int *count)
{
    unsigned long long wide = 0;
    int result = look_up("cards", &wide);
    *count = (unsigned int)wide;
    return result;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void **card)
{
    cards[index] = (int)index;
    *card = &cards[index];
    return SUCCESS;
}

int nvmlDeviceGetUtilizationRates(void *card, utilization_t *rates)
{
    rates->memory = 99;
    return of_card_int(card, "busy", &rates->gpu);
}

int nvmlDeviceGetMemoryInfo(void *card, memory_t *memory)
{
    of_card(card, "total", &memory->total);
    memory->free = 0;
    return of_card(card, "used", &memory->used);
}

int nvmlDeviceGetTemperature(void *card, int sensor, unsigned int *celsius)
{
    return sensor == 0 ? of_card_int(card, "celsius", celsius) : NOT_SUPPORTED;
}

int nvmlDeviceGetPowerUsage(void *card, unsigned int *milliwatts)
{
    return of_card_int(card, "milliwatts", milliwatts);
}
