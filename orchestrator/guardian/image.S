/* The guardian program as bytes, for the orchestrator to run from memory. */
    .section .rodata
    .balign 16
    .global ds_guardian_image
    .hidden ds_guardian_image
    .type ds_guardian_image, STT_OBJECT
ds_guardian_image:
    .incbin GUARDIAN_IMAGE
    .size ds_guardian_image, . - ds_guardian_image
    .global ds_guardian_image_end
    .hidden ds_guardian_image_end
ds_guardian_image_end:
    .byte 0
    .section .note.GNU-stack, "", %progbits
